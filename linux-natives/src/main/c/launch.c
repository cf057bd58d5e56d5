/* From fork to execve: STAGE and CHILD in new processes, and what they say on the way. */
#include "supervise.h"

#include <linux/fcntl.h>
#include <linux/prctl.h>
#include <linux/sched.h>

void launch_clear(struct launch *launch) { *launch = (struct launch){.sync = -1, .pidfd = -1, .terminal = -1}; }

static NORETURN void stage(struct machine *machine, const int fds[4], int sync) {
  struct failure failure;
  reset_signals();
  SYS(prctl, PR_SET_DUMPABLE, 0);
  machine->sync = sync;
  for (int i = 0; i < 4; i++) {
    machine->reg[i] = VOID_REGISTER;
    if (fds[i] < 0) continue;
    long fd = fds[i] > 2 ? fds[i] : SYS(fcntl, fds[i], F_DUPFD_CLOEXEC, 3);
    if (fd < 0) continue;
    machine->reg[i] = (u64)fd;
    machine->descriptors |= 1ULL << i;
  }
  close_unused(machine, STAGE);
  if (machine_run(machine, STAGE, &failure) == 0 && machine_run(machine, CHILD, &failure) == 0)
    failure = (struct failure){CHILD, machine->plan->section[TEARDOWN] - 1U, ENOEXEC};
  tell(machine, SYNC_FAILED, failure.section, failure.step, failure.error);
  leave(125);
}

/* Forks STAGE, into a cgroup unless that is void, with descriptors for registers 0 to 3 (-1 is void), which are above 2 there so
 * that the plan can dup3 them onto 0 to 2 in any order. The supervisor's copies stay open. */
int launch_fork(struct launch *launch, struct machine *machine, const int fds[4], u64 cgroup) {
  int pair[2], yes = 1;
  launch_clear(launch);
  int result = (int)SYS(socketpair, AF_UNIX, SOCK_SEQPACKET | O_CLOEXEC, 0, pair);
  if (result < 0) return result;
  SYS(setsockopt, pair[0], SOL_SOCKET, SO_PASSCRED, &yes, sizeof yes);
  struct clone_args args = {.exit_signal = SIGNAL_CHLD};
  if (cgroup != VOID_REGISTER) {
    args.flags = CLONE_INTO_CGROUP;
    args.cgroup = cgroup;
  }
  long pid = SYS(clone3, &args, sizeof args);
  if (pid == 0) stage(machine, fds, pair[1]);
  SYS(close, pair[1]);
  if (pid < 0) {
    SYS(close, pair[0]);
    return (int)pid;
  }
  launch->sync = pair[0];
  launch->stage = (i32)pid;
  launch->deadline = monotonic_ms() + SETUP_LIMIT_MS;
  return 0;
}

static void take_descriptor(struct launch *launch, u32 slot, struct message *message, bool container) {
  if (message->count < 1 || (!container && slot != SLOT_TERMINAL)) return;
  int fd = message->fds[0];
  message->fds[0] = -1;
  if (!container)
    launch->terminal = fd;
  else if (slot == SLOT_TERMINAL)
    take_terminal(fd);
  else
    self.root = fd;
}

static void take(struct launch *launch, struct message *message, bool container) {
  struct sync_message said;
  if (message->size != sizeof said) return;
  memcpy(&said, message->data, sizeof said);
  launch->deadline = monotonic_ms() + SETUP_LIMIT_MS;
  switch (said.kind) {
    case SYNC_BORN:
      if (launch->pid || message->pid <= 0) break;
      launch->pid = message->pid;
      launch->pidfd = (int)SYS(pidfd_open, message->pid, 0);
      if (launch->failed) launch_kill(launch); /* cancelled before it was born */
      break;
    case SYNC_REACHED:
      if (container) tell_first(0xA3, &said.a, sizeof said.a, &self.root, self.root >= 0);
      break;
    case SYNC_WAITING:
      launch->deadline = said.a == UINT32_MAX ? UINT64_MAX : launch->deadline + said.a;
      launch->waiting = said.a != 0;
      if (container && launch->waiting && self.opened) open_gate();
      break;
    case SYNC_FD: take_descriptor(launch, said.a, message, container); break;
    case SYNC_EXECUTING: launch->executing = true; break;
    case SYNC_FAILED:
      if (launch->failed) break;
      launch->failed = true;
      launch->failure = (struct failure){said.a, said.b, said.c};
      break;
    default: break;
  }
}

/* Reads what STAGE and CHILD have said. At its end, and only then, it is known whether execve has succeeded. */
enum launch_event launch_pump(struct launch *launch, bool container) {
  static struct message message;
  while (launch->sync >= 0) {
    receive_message(launch->sync, &message);
    if (message.size == -EAGAIN) return LAUNCH_PENDING;
    if (message.size > 0) {
      take(launch, &message, container);
      drop_descriptors(&message, 0);
      continue;
    }
    drop_descriptors(&message, 0);
    close_fd(&launch->sync);
    if (!launch->failed && launch->executing && launch->pidfd >= 0) return LAUNCH_STARTED;
    if (!launch->failed) launch->failure = (struct failure){NO_SECTION, NO_STEP, ECHILD};
    launch->failed = true;
    return LAUNCH_FAILED;
  }
  return LAUNCH_PENDING;
}

void launch_kill(const struct launch *launch) {
  if (launch->stage) SYS(kill, launch->stage, SIGNAL_KILL);
  if (launch->pid) SYS(kill, launch->pid, SIGNAL_KILL);
}
