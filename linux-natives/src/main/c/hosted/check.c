/* Runs decoder and executor under sanitizers, in a program with a C library: what must be refused, and what steps do. */
#include "../supervise.h"
#include "sample.h"
#include "visit.h"

#include <linux/fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int failures, checks;

#define CHECK(condition)                                              \
  do {                                                                \
    checks++;                                                         \
    if (!(condition)) {                                               \
      failures++;                                                     \
      printf("%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);  \
    }                                                                 \
  } while (0)

static struct sample original, changed;

/* Decodes a copy of exactly that size; visits it when it is accepted. */
static int decode(const u8 *bytes, size_t size, bool exec, u32 *blame) {
  struct plan plan;
  u8 *copy = malloc(size + 1);
  memcpy(copy, bytes, size);
  u8 *exact = realloc(copy, size ? size : 1);
  int result = plan_decode(&plan, exact, size, SAMPLE_BUILD, exec, blame);
  if (result == 0) visit(&plan);
  free(exact);
  return result;
}

static int judge(void) {
  u32 blame;
  sample_seal(changed.bytes, changed.length);
  return decode(changed.bytes, changed.length, false, &blame);
}

static void accepts(void) {
  u32 blame;
  sample_exec(&original);
  CHECK(decode(original.bytes, original.length, true, &blame) == 0);
  sample_container(&original);
  int result = decode(original.bytes, original.length, false, &blame);
  CHECK(result == 0);
  if (result) printf("errno %d, step %d\n", -result, (int)blame);
  CHECK(decode(original.bytes, original.length, true, &blame) == -EINVAL);
}

static void refuses_truncated(void) {
  u32 blame;
  for (u32 size = 0; size < original.length; size++) CHECK(decode(original.bytes, size, false, &blame) < 0);
  for (u32 size = 160; size < original.length; size += 8) {
    changed = original;
    sample_seal(changed.bytes, size);
    CHECK(decode(changed.bytes, size, false, &blame) < 0);
  }
}

static void refuses_flipped_bits(void) {
  u32 blame;
  for (u32 bit = 0; bit < original.length * 8; bit++) {
    changed = original;
    changed.bytes[bit / 8] ^= (u8)(1 << bit % 8);
    CHECK(decode(changed.bytes, changed.length, false, &blame) < 0);
  }
}

static void survives_sealed_changes(void) {
  for (u32 at = 24; at < original.length; at++)
    for (int i = 0; i < 4; i++) {
      changed = original;
      changed.bytes[at] ^= (u8[]){1, 0x80, 0xff, 0x10}[i];
      CHECK(judge() <= 0);
    }
}

static void put(u32 at, u64 value, u32 size) {
  changed = original;
  memcpy(changed.bytes + at, &value, size);
}

static void refuses_headers(void) {
  u32 blame;
  put(4, PLAN_VERSION + 1, 2);
  CHECK(judge() == -EPROTONOSUPPORT);
  put(6, ELF_MACHINE ^ 1, 2);
  CHECK(judge() == -ENOEXEC);
  put(8, SAMPLE_BUILD + 1, 8);
  CHECK(judge() == -ESTALE);
  put(0, 0, 4);
  CHECK(judge() == -EBADMSG);
  put(28, STEPS_MAX + 1, 4);
  CHECK(judge() == -EINVAL);
  put(44, SCRATCH_MAX + 8, 4);
  CHECK(judge() == -EINVAL);
  put(62, 1, 2);
  CHECK(judge() == -EINVAL);
  sample_exec(&changed);
  changed.bytes[8] ^= 1;
  sample_seal(changed.bytes, changed.length);
  CHECK(decode(changed.bytes, changed.length, true, &blame) == 0);
  changed.bytes[4] ^= 1;
  sample_seal(changed.bytes, changed.length);
  CHECK(decode(changed.bytes, changed.length, true, &blame) == -EPROTONOSUPPORT);
  static u8 large[PLAN_MAX + 8];
  memcpy(large, original.bytes, original.length);
  sample_seal(large, sizeof large);
  CHECK(decode(large, sizeof large, false, &blame) == -E2BIG);
  sample_seal(large, PLAN_MAX);
  CHECK(decode(large, PLAN_MAX, false, &blame) == -EINVAL);
}

static void refuses_policies(void) {
  const u32 policy = sizeof(struct header);
  put(policy, 262144, 4);
  CHECK(judge() == -EINVAL);
  put(policy + 4, 4, 4);
  CHECK(judge() == -EINVAL);
  put(policy + 12, 100, 4);
  CHECK(judge() == -EINVAL);
  put(policy + 24, 65, 4);
  CHECK(judge() == -EINVAL);
  put(policy + 48, 101, 4);
  CHECK(judge() == -EINVAL);
  put(policy + 52, UINT32_MAX, 4);
  CHECK(judge() == -EINVAL);
  put(policy + 60, UINT32_MAX, 4);
  CHECK(judge() == -EINVAL);
  put(policy + 64, UINT32_MAX, 4);
  CHECK(judge() == -EINVAL);
  put(policy + 92, 1, 4);
  CHECK(judge() == -EINVAL);
}

/* Each step in turn with each field out of bounds: the decoder names it. */
static void refuses_steps(void) {
  static const struct {
    u32 at, size;
    u64 value;
  } wrong[] = {{0, 1, 0}, {0, 1, 16}, {1, 1, 3}, {3, 1, 64}, {6, 2, 1}, {8, 2, 4096}, {16, 1, 4}, {22, 2, 1}, {21, 1, 3}};
  for (u32 step = 0; step < original.steps; step++)
    for (size_t i = 0; i < COUNT(wrong); i++) {
      u32 blame, at = (u32)(sizeof(struct header) + sizeof(struct policy) + step * sizeof(struct step));
      put(at + wrong[i].at, wrong[i].value, wrong[i].size);
      sample_seal(changed.bytes, changed.length);
      int result = decode(changed.bytes, changed.length, false, &blame);
      CHECK(result == -EINVAL && (blame == step || blame == NO_STEP));
    }
}

/* Without a cgroup a CLONE has no flags either. */
static void refuses_clones(void) {
  const u32 first = sizeof(struct header) + sizeof(struct policy);
  for (u32 step = 0; step < original.steps; step++) {
    u32 at = first + step * (u32)sizeof(struct step);
    if (original.bytes[at] != OP_CLONE) continue;
    put(at + 17, IMMEDIATE, 1);
    CHECK(judge() == -EINVAL);
    memset(changed.bytes + at + 32, 0, 8);
    CHECK(judge() == 0);
    changed.bytes[at + 24] = 1;
    CHECK(judge() == -EINVAL);
  }
}

/* Strings must end within their memory, and there must be one. */
static void refuses_covers(void) {
  const u32 first = sizeof(struct header) + sizeof(struct policy);
  for (u32 step = 0; step < original.steps; step++) {
    u32 at = first + step * (u32)sizeof(struct step), extent;
    if (original.bytes[at] != OP_COVER) continue;
    memcpy(&extent, original.bytes + at + 24 + 3 * 8 + 4, 4);
    put(at + 24 + 3 * 8 + 4, extent - 1, 4);
    CHECK(judge() == -EINVAL);
    put(at + 24 + 3 * 8 + 4, 0, 4);
    CHECK(judge() == -EINVAL);
  }
}

/* BEFORE of the sample, for real. */
static void executes(void) {
  struct plan plan;
  struct machine machine;
  struct failure failure;
  static u8 scratch[SCRATCH_MAX + 8];
  u32 blame;
  CHECK(plan_decode(&plan, original.bytes, original.length, SAMPLE_BUILD, false, &blame) == 0);
  machine_reset(&machine, &plan, scratch);
  CHECK(machine_run(&machine, BEFORE, &failure) == 0);
  CHECK(machine.descriptors == 1 << 16 && scratch[0] == '/');
  CHECK(strtoull((char *)scratch + 100, NULL, 10) == machine.reg[16]);
  SYS(close, machine.reg[16]);
  machine.reg[6] = VOID_REGISTER;
  CHECK(machine_run(&machine, TEARDOWN, &failure) == 0);
  machine.reg[6] = 12345;
  CHECK(machine_run(&machine, TEARDOWN, &failure) < 0 && failure.error == EBADF && failure.section == TEARDOWN);
}

static struct step one(u8 guard) {
  return (struct step){.operation = OP_STORE, .guard = guard, .guard_register = 30, .destination = 31};
}

/* Guards and void registers, on a plan of one step. */
static void guards(void) {
  static u8 scratch[SCRATCH_MAX + 8];
  struct plan plan = {.blob = ""};
  struct failure failure;
  for (int guard = GUARD_ALWAYS; guard <= GUARD_VOID; guard++)
    for (int is_void = 0; is_void < 2; is_void++)
      for (int operand_void = 0; operand_void < 2; operand_void++) {
        struct machine machine;
        struct step step = one((u8)guard);
        step.kind[0] = REGISTER;
        step.operand[0] = 29;
        step.kind[1] = SCRATCH;
        step.operand[1] = 8ULL << 32;
        step.operand[2] = 8;
        plan.steps = &step;
        for (int i = 0; i <= SECTIONS; i++) plan.section[i] = i > BEFORE;
        memset(scratch, 0, 8);
        machine_reset(&machine, &plan, scratch);
        if (!is_void) machine.reg[30] = 1;
        if (!operand_void) machine.reg[29] = 77;
        machine.reg[31] = 5;
        bool runs = !operand_void && (guard == GUARD_ALWAYS || (guard == GUARD_VALUE) == !is_void);
        CHECK(machine_run(&machine, BEFORE, &failure) == 0);
        CHECK(machine.reg[31] == (runs ? 0 : VOID_REGISTER));
        CHECK(scratch[0] == (runs ? 77 : 0));
      }
}

static int run_one(struct machine *machine, struct plan *plan, struct step *step, enum section section) {
  static struct failure failure;
  plan->steps = step;
  for (int i = 0; i <= SECTIONS; i++) plan->section[i] = i > (int)section;
  int result = machine_run(machine, section, &failure);
  return result < 0 ? (int)failure.error : 0;
}

/* What a step made is closed when its register takes something else, unless the register is the container's. */
static void releases(void) {
  static u8 scratch[SCRATCH_MAX + 8];
  struct plan plan = {.blob = "/", .blob_length = 2};
  for (u8 number = OWN_REGISTERS - 1; number <= OWN_REGISTERS; number++) {
    struct machine machine;
    struct step step = {.operation = OP_CALL, .call = __NR_openat, .destination = number, .kind = {IMMEDIATE, BLOB}};
    step.operand[0] = (u64)AT_FDCWD;
    step.operand[1] = 2ULL << 32;
    step.operand[2] = O_PATH | O_CLOEXEC;
    machine_reset(&machine, &plan, scratch);
    CHECK(run_one(&machine, &plan, &step, BEFORE) == 0);
    int first = (int)machine.reg[number];
    CHECK(run_one(&machine, &plan, &step, BEFORE) == 0);
    bool open = SYS(fcntl, first, F_GETFD) >= 0;
    CHECK(open == (number < OWN_REGISTERS));
    step.guard = GUARD_VALUE;
    step.guard_register = 40;
    int second = (int)machine.reg[number];
    CHECK(run_one(&machine, &plan, &step, BEFORE) == 0);
    CHECK((SYS(fcntl, second, F_GETFD) >= 0) == (number < OWN_REGISTERS));
    CHECK(machine.reg[number] == VOID_REGISTER && !(machine.descriptors >> number & 1));
    if (number >= OWN_REGISTERS) continue;
    SYS(close, first);
    SYS(close, second);
  }
}

/* Without a mount: what leads nowhere is left out where that is tolerated, and nothing else is. */
static void covers(void) {
  static u8 scratch[SCRATCH_MAX + 8];
  struct plan plan = {.blob = "nowhere\0proc/self/status/x\0proc\0proc/version", .blob_length = 46};
  const u32 none = 27, directory = 32;
  struct machine machine;
  struct step step = {.operation = OP_COVER, .destination = NO_REGISTER, .kind = {REGISTER, REGISTER, REGISTER, BLOB}};
  step.operand[0] = 20;
  step.operand[1] = 21;
  step.operand[2] = 22;
  step.operand[3] = (u64)none << 32;
  machine_reset(&machine, &plan, scratch);
  machine.reg[20] = (u64)SYS(openat, AT_FDCWD, "/", O_PATH | O_CLOEXEC);
  machine.reg[21] = machine.reg[22] = 1023; /* not open */
  CHECK(run_one(&machine, &plan, &step, CHILD) == ENOENT);
  step.tolerated[0] = ENOENT;
  CHECK(run_one(&machine, &plan, &step, CHILD) == ENOTDIR);
  step.tolerated[1] = ENOTDIR;
  step.tolerated[2] = EBADF;
  CHECK(run_one(&machine, &plan, &step, CHILD) == 0);
  step.operand[3] = (u64)directory << 32;
  int refused = SYS(geteuid) == 0 ? EBADF : EPERM;
  CHECK(run_one(&machine, &plan, &step, CHILD) == refused);
  step.operand[3] = (u64)(plan.blob_length - directory) << 32 | directory;
  CHECK(run_one(&machine, &plan, &step, CHILD) == refused);
  SYS(close, machine.reg[20]);
}

/* A path that leads onto a forbidden file system. */
static void forbids(void) {
  static u8 scratch[SCRATCH_MAX + 8];
  struct plan plan = {.blob = "proc/self", .blob_length = 10};
  struct machine machine;
  struct step step = {.operation = OP_MKPATH, .destination = 21, .kind = {REGISTER, BLOB}};
  step.operand[0] = 20;
  step.operand[1] = 10ULL << 32;
  step.operand[2] = 0755;
  machine_reset(&machine, &plan, scratch);
  machine.reg[20] = (u64)SYS(openat, AT_FDCWD, "/", O_PATH | O_CLOEXEC);
  CHECK(run_one(&machine, &plan, &step, CHILD) == 0);
  step.operand[4] = TMPFS_MAGIC;
  CHECK(run_one(&machine, &plan, &step, CHILD) == 0);
  step.operand[4] = PROC_SUPER_MAGIC;
  CHECK(run_one(&machine, &plan, &step, CHILD) == EXDEV);
  SYS(close, machine.reg[20]);
  SYS(close, machine.reg[21]);
}

/* What cgroup.c needs of the supervisor; nothing of it is at work here. */
struct supervisor self;
void reap(void) {}
u64 monotonic_ms(void) { return 0; }

static bool is_killed(pid_t child) {
  for (int i = 0; i < 100; i++) {
    if (waitpid(child, NULL, WNOHANG) == child) return true;
    usleep(5000);
  }
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
  return false;
}

/* A list of processes of which one read takes just as much as to end with `last`. What comes before names nobody. */
static void write_list(const char *path, const char *last, const char *rest) {
  enum { READ = 4095, LINE = 8 };
  FILE *file = fopen(path, "w");
  long blank = READ - (long)strlen(last);
  for (long at = 0; at < blank; at++) fputc(at % LINE == LINE - 1 || at == blank - 1 ? '\n' : '0', file);
  fprintf(file, "%s%s", last, rest);
  fclose(file);
}

/* Whether a process is killed by a list that goes on like that after its pid. */
static bool kills_by_list(bool whole) {
  char directory[] = "/tmp/pinnace-check-XXXXXX", path[64], last[32];
  static const struct policy policy = {.flags = CGROUP};
  CHECK(mkdtemp(directory) != NULL);
  pid_t child = fork();
  if (child == 0)
    for (;;) pause();
  snprintf(path, sizeof path, "%s/cgroup.procs", directory);
  snprintf(last, sizeof last, whole ? "%d\n" : "%d", child);
  write_list(path, last, whole ? "" : "7\n");
  self.policy = &policy;
  self.plan.blob = ".";
  int parent = (int)SYS(openat, AT_FDCWD, directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
  SYS(dup3, parent, FD_CGROUP_PARENT, O_CLOEXEC);
  cgroup_kill();
  SYS(close, parent);
  SYS(close, FD_CGROUP_PARENT);
  remove(path);
  remove(directory);
  return is_killed(child);
}

static void kills_whole_pids(void) {
  CHECK(kills_by_list(true));
  CHECK(!kills_by_list(false));
}

int main(void) {
  kills_whole_pids();
  accepts();
  refuses_truncated();
  refuses_flipped_bits();
  survives_sealed_changes();
  refuses_headers();
  refuses_policies();
  refuses_steps();
  refuses_clones();
  refuses_covers();
  executes();
  guards();
  releases();
  covers();
  forbids();
  printf("%d checks, %d failed\n", checks, failures);
  return failures != 0;
}
