/* From the spawned process to the supervisor: reads the plan, takes its descriptors, clones the supervisor, prepares. */
#include "relay.h"
#include "supervise.h"

#include <linux/close_range.h>
#include <linux/eventpoll.h>
#include <linux/fcntl.h>
#include <linux/poll.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <linux/signalfd.h>
#include <linux/time_types.h>

struct supervisor self;

static void open_loop(void) {
  u64 taken = 1ULL << (SIGNAL_CHLD - 1) | 1ULL << (SIGNAL_TERM - 1), all = ~0ULL;
  SYS(rt_sigprocmask, 2 /* SIG_SETMASK */, &all, NULL, sizeof all);
  self.epoll = (int)SYS(epoll_create1, EPOLL_CLOEXEC);
  self.signals = (int)SYS(signalfd4, -1, &taken, sizeof taken, SFD_CLOEXEC | SFD_NONBLOCK);
  long pid = SYS(getpid);
  self.pidfd = (int)SYS(pidfd_open, pid, 0);
  watch(self.signals, ON_SIGNAL, 0);
  if (self.policy->flags & BOUND) watch(FD_LIFELINE, ON_LIFELINE, 0);
}

static NORETURN void supervise(void) {
  struct failure failure;
  SYS(setsid);
  SYS(prctl, PR_SET_NAME, "pinnace");
  if (!(self.policy->flags & OUTER_PID)) SYS(prctl, PR_SET_CHILD_SUBREAPER, 1);
  for (int i = 0; i < SOURCES; i++) self.sources[i] = (struct source){.fd = -1, .stream = i == 1 ? STREAM_STDERR : STREAM_STDOUT, .attached = -1};
  for (int i = 0; i < 2 && self.policy->flags & ATTACHED; i++) {
    self.sources[i].attached = FD_ATTACHED + i;
    SYS(fcntl, FD_ATTACHED + i, F_SETPIPE_SZ, PIPE_SIZE);
  }

  for (int i = 0; i < EXECS_MAX; i++) self.execs[i].client = -1;
  attachments_open();
  record_forget();
  record_reserve();
  open_loop();
  clients_open();
  log_open();
  if (machine_run(&self.machine, PREPARE, &failure) < 0) failed_to_start(failure);
  SYS(prctl, PR_SET_DUMPABLE, 0);
  begin_run();
  loop();
}

static NORETURN void refuse(u32 section, u32 step, int error) {
  u32 frame[5] = {0xA2, 0, section, step, (u32)error};
  send_message(FD_FIRST_CLIENT, frame, sizeof frame, NULL, 0, MSG_DONTWAIT);
  leave(1);
}

static void close_absent(void) {
  u32 flags = self.policy->flags;
  if (!(flags & LISTEN)) SYS(close, FD_LISTEN);
  if (!(flags & BOUND)) SYS(close, FD_LIFELINE);
  if (!(flags & STDIN)) SYS(close, FD_STDIN);
  if (!(flags & SUPERVISOR_CGROUP)) SYS(close, FD_SUPERVISOR_CGROUP);
  if (!(flags & CGROUP)) SYS(close, FD_CGROUP_PARENT);
  if (!(flags & ATTACHED)) SYS(close_range, FD_ATTACHED, FD_ATTACHED + 1, 0);
  if (!(flags & EVENTS)) SYS(close, FD_EVENTS);
  for (int i = 0; i < JOINED_MAX; i++)
    if (!(flags & JOINED << i)) SYS(close, FD_JOINED + i);
}

/* What the container shares with others: user and network namespace, then the processes whose pid, IPC and UTS namespace it joins. */
static void take_joined(void) {
  static const u8 registers[JOINED_MAX] = {6, 7, 9, 10, 11};
  for (int i = 0; i < JOINED_MAX; i++) {
    if (!(self.policy->flags & JOINED << i)) continue;
    self.machine.reg[registers[i]] = (u64)(FD_JOINED + i);
    self.machine.descriptors |= 1ULL << registers[i];
  }
}

static bool lifeline_ended(void) {
  struct pollfd poll = {.fd = FD_LIFELINE, .events = POLLIN};
  struct __kernel_timespec now = {0, 0};
  return self.policy->flags & BOUND && SYS(ppoll, &poll, 1, &now, NULL, 8) > 0;
}

NORETURN void launcher(void) {
  struct failure failure;
  u32 blame;
  SYS(close_range, FD_FIRST_FREE, ~0U, 0);
  SYS(close_range, FD_PLAN, ~0U, CLOSE_RANGE_CLOEXEC);
  reset_process();
  if (is_listening(FD_PLAN)) relay_begin();
  int result = load_plan(FD_PLAN, false, &self.plan, &blame);
  if (result < 0) refuse(NO_SECTION, blame, -result);
  self.policy = self.plan.policy;
  self.restart = self.policy->restart;
  self.restart_max = self.policy->restart_max;
  self.record.restarts = self.policy->restarts;
  self.root = self.gate = -1;
  launch_clear(&self.run);
  SYS(close, FD_PLAN);
  close_absent();
  machine_reset(&self.machine, &self.plan, scratch_of(false));
  take_joined();
  if (machine_run(&self.machine, ENTER, &failure) < 0) refuse(failure.section, failure.step, (int)failure.error);
  if (lifeline_ended()) refuse(NO_SECTION, NO_STEP, EPIPE);
  /* A bound supervisor is a child of its JVM, which reaps it; a detached one has nobody but init. */
  struct clone_args args = {0};
  if (self.policy->flags & BOUND) args.flags = CLONE_PARENT;
  else args.exit_signal = SIGNAL_CHLD;
  if (self.policy->flags & OUTER_PID) args.flags |= CLONE_NEWPID;
  if (self.policy->flags & SUPERVISOR_CGROUP) {
    args.flags |= CLONE_INTO_CGROUP;
    args.cgroup = FD_SUPERVISOR_CGROUP;
  }
  long pid = SYS(clone3, &args, sizeof args);
  if (pid < 0) refuse(ENTER, NO_STEP, (int)-pid);
  if (pid == 0) supervise();
  leave(0);
}
