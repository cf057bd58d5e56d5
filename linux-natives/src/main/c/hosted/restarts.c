/* When a container is started again, with a clock that goes as the test says: no test waits for it. */
#include "../restart.c"

#include <stdio.h>

enum { FIRST = 100, LONGEST = 60000, GOOD_RUN = 10000 }; /* milliseconds */

struct supervisor self;
static u64 clock_ms;
static int failures, checks, runs;

u64 monotonic_ms(void) { return clock_ms; }
void cgroup_thaw(void) {}
void request_stop(u32 signal, u32 grace) {
  (void)signal;
  (void)grace;
}
void begin_run(void) {
  runs++;
  self.run_began = clock_ms;
}

#define CHECK(condition)                                              \
  do {                                                                \
    checks++;                                                         \
    if (!(condition)) {                                               \
      failures++;                                                     \
      printf("%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);  \
    }                                                                 \
  } while (0)

/* A run of so many milliseconds ends: how long the next one is waited for. It begins then. */
static u64 wait_after(u64 milliseconds) {
  clock_ms = self.run_began + milliseconds;
  back_off();
  CHECK(self.state == STATE_BACKOFF);
  u64 wait = self.restart_at - clock_ms;
  clock_ms = self.restart_at;
  restart();
  CHECK(self.restart_at == 0);
  return wait;
}

static const struct policy *policy_of(u32 first) {
  static struct policy policy;
  policy = (struct policy){.backoff_first = first, .backoff_longest = LONGEST, .good_run = GOOD_RUN};
  self = (struct supervisor){.policy = &policy};
  clock_ms = 5000;
  runs = 0;
  begin_run();
  return &policy;
}

static void doubles_to_the_longest(void) {
  self.policy = policy_of(FIRST);
  for (u64 expected = FIRST; expected < LONGEST; expected *= 2) CHECK(wait_after(0) == expected);
  for (int i = 0; i < 3; i++) CHECK(wait_after(0) == LONGEST);
  CHECK(self.record.restarts == 13 && runs == 14);
}

static void begins_anew_after_a_good_run(void) {
  self.policy = policy_of(FIRST);
  CHECK(wait_after(GOOD_RUN) == FIRST);
  CHECK(wait_after(GOOD_RUN - 1) == 2 * FIRST);
  CHECK(wait_after(GOOD_RUN - 1) == 4 * FIRST);
  CHECK(wait_after(GOOD_RUN) == FIRST);
  CHECK(wait_after(0) == 2 * FIRST);
  for (int i = 0; i < 20; i++) wait_after(0);
  CHECK(wait_after(10 * GOOD_RUN) == FIRST);
}

static void never_waits_for_no_time(void) {
  self.policy = policy_of(0); /* of which 0 would mean that nothing is waited for */
  CHECK(wait_after(0) == 1);
}

static bool wants(u32 restart_policy, u32 most, u32 restarts, int code) {
  policy_of(FIRST);
  self.restart = restart_policy;
  self.restart_max = most;
  self.record.restarts = restarts;
  self.record.code = (u32)code;
  return wants_restart();
}

static void wants_what_its_policy_says(void) {
  CHECK(!wants(RESTART_NO, 0, 0, 1));
  CHECK(wants(RESTART_ON_FAILURE, 0, 1000, 1));
  CHECK(!wants(RESTART_ON_FAILURE, 0, 0, 0));
  CHECK(wants(RESTART_ON_FAILURE, 3, 2, 1));
  CHECK(!wants(RESTART_ON_FAILURE, 3, 3, 1));
  CHECK(wants(RESTART_ALWAYS, 0, 0, 0));
  CHECK(wants(RESTART_UNLESS_STOPPED, 0, 0, 0));
  self.stopping = true;
  CHECK(!wants_restart());
  self.stopping = false;
  self.run.failed = true;
  CHECK(!wants_restart());
}

int main(void) {
  doubles_to_the_longest();
  begins_anew_after_a_good_run();
  never_waits_for_no_time();
  wants_what_its_policy_says();
  printf("%d checks of restarts, %d failed\n", checks, failures);
  return failures != 0;
}
