/* Further processes in the container, asked for by clients. */
#include "supervise.h"

#include <linux/fcntl.h>

enum { EXEC_BOUND = 1 };

/* The client that has sent it may have it still, so closing alone would not end the watch. */
static void close_terminal(struct exec *exec) {
  if (exec->launch.terminal < 0) return;
  unwatch(exec->launch.terminal);
  close_fd(&exec->launch.terminal);
}

static void release(struct exec *exec) {
  close_fd(&exec->launch.sync);
  close_fd(&exec->launch.pidfd);
  close_terminal(exec);
  close_fd(&exec->event);
  exec->used = false;
  exec->client = -1;
}

static struct exec *free_exec(void) {
  for (int i = 0; i < EXECS_MAX; i++)
    if (!self.execs[i].used) return &self.execs[i];
  return NULL;
}

static void close_made(struct machine *machine, u64 made) {
  for (int i = 0; i < REGISTERS; i++)
    if (made >> i & 1) SYS(close, machine->reg[i]);
}

/* Registers 4 to 15 are the container's, 5 its first process. */
static u64 inherit(struct machine *machine) {
  u64 inherited = self.machine.descriptors & 0xFFF0;
  memcpy(&machine->reg[4], &self.machine.reg[4], 12 * sizeof machine->reg[0]);
  machine->reg[5] = (u64)self.run.pidfd;
  inherited |= 1 << 5;
  machine->descriptors |= inherited;
  return inherited;
}

/* STAGE runs in the container's cgroup, but not yet among its processes. */
static int fork_stage(struct launch *launch, struct machine *machine, const int fds[4], struct failure *failure) {
  int result = launch_fork(launch, machine, fds, machine->reg[4]);
  if (result < 0) *failure = (struct failure){STAGE, machine->plan->section[CHILD] - 1U, (u32)-result};
  return result;
}

static int begin(struct exec *exec, struct message *message, struct failure *failure) {
  static struct plan plan;
  static struct machine machine;
  u32 blame;
  int fds[4] = {message->fds[1], message->fds[2], message->fds[3], -1};
  *failure = (struct failure){NO_SECTION, NO_STEP, 0};
  int result = load_plan(message->fds[0], true, &plan, &blame);
  failure->step = blame;
  if (result < 0) return result;
  machine_reset(&machine, &plan, scratch_of(true));
  u64 inherited = inherit(&machine);
  result = machine_run(&machine, BEFORE, failure) < 0 ? -(int)failure->error : fork_stage(&exec->launch, &machine, fds, failure);
  close_made(&machine, machine.descriptors & ~inherited);
  return result;
}

void exec_start(int client, u32 id, u32 flags, struct message *message) {
  struct failure failure;
  struct exec *exec = free_exec();
  if (flags & ~(u32)EXEC_BOUND) {
    client_error(client, id, EINVAL, NO_SECTION, NO_STEP);
    return;
  }
  if (self.state != STATE_RUNNING || self.stopping) {
    client_error(client, id, ESRCH, NO_SECTION, NO_STEP);
    return;
  }
  if (!exec) {
    client_error(client, id, EAGAIN, NO_SECTION, NO_STEP);
    return;
  }
  launch_clear(&exec->launch);
  int result = begin(exec, message, &failure);
  release_plan(true);
  if (result < 0) {
    client_error(client, id, (u32)-result, failure.section, failure.step);
    return;
  }
  exec->used = true;
  exec->client = client;
  exec->id = id;
  exec->bound = flags & EXEC_BOUND;
  exec->event = -1;
  watch(exec->launch.sync, ON_EXEC_SYNC, (u32)(exec - self.execs));
}

/* A failed one is released once its processes are reaped. */
static void release_if_gone(struct exec *exec) {
  if (!exec->launch.pid && !exec->launch.stage && exec->launch.sync < 0) release(exec);
}

static void tell_status(struct exec *exec) {
  i32 status = exec->launch.status, signal = status & 0x7f;
  i32 payload[2] = {signal ? 128 + signal : status >> 8 & 0xff, signal};
  if (exec->event >= 0) event_write_exec(exec->event, (u32)payload[0], (u32)signal);
  client_answer(exec->client, 0x93, exec->id, payload, sizeof payload, NULL, 0);
  release_if_gone(exec);
}

void exec_pump(u32 index) {
  struct exec *exec = &self.execs[index];
  if (!exec->used) return;
  struct launch *launch = &exec->launch;
  enum launch_event event = launch_pump(launch, false);
  if (event == LAUNCH_STARTED) {
    int fds[2] = {launch->pidfd, launch->terminal};
    client_answer(exec->client, 0x83, exec->id, NULL, 0, fds, launch->terminal < 0 ? 1 : 2);
    close_fd(&launch->terminal);
    if (!launch->pid) tell_status(exec);
  }
  if (event == LAUNCH_FAILED) {
    client_error(exec->client, exec->id, launch->failure.error, launch->failure.section, launch->failure.step);
    exec->client = -1;
    launch_kill(launch);
    release_if_gone(exec);
  }
}

void execs_pump_all(void) {
  for (u32 i = 0; i < EXECS_MAX; i++)
    if (self.execs[i].used && self.execs[i].launch.sync >= 0) exec_pump(i);
}

static struct exec *find(i32 pid, bool stage) {
  for (int i = 0; i < EXECS_MAX; i++) {
    struct exec *exec = &self.execs[i];
    if (exec->used && (stage ? exec->launch.stage : exec->launch.pid) == pid) return exec;
  }
  return NULL;
}

void exec_stage_ended(i32 pid) {
  struct exec *exec = find(pid, true);
  if (!exec) return;
  exec->launch.stage = 0;
  release_if_gone(exec);
}

bool exec_ended(i32 pid, i32 status) {
  struct exec *exec = find(pid, false);
  if (!exec) return false;
  exec->launch.pid = 0;
  exec->launch.status = status;
  if (!exec->launch.failed && exec->launch.sync < 0)
    tell_status(exec);
  else
    release_if_gone(exec);
  return true;
}

/* Kills what has been setting itself up for too long; the end of its socket does the rest. */
void exec_limits(u64 now, u64 *next) {
  for (int i = 0; i < EXECS_MAX; i++) {
    struct exec *exec = &self.execs[i];
    if (!exec->used || exec->launch.sync < 0) continue;
    if (exec->launch.deadline <= now) {
      if (!exec->launch.failed) exec->launch.failure = (struct failure){NO_SECTION, NO_STEP, ETIMEDOUT};
      exec->launch.failed = true;
      exec->launch.deadline = UINT64_MAX;
      launch_kill(&exec->launch);
    }
    if (exec->launch.deadline < *next) *next = exec->launch.deadline;
  }
}

/* The container has ended: those that were still being set up will not be. */
void execs_abandon(void) {
  execs_pump_all();
  for (int i = 0; i < EXECS_MAX; i++) {
    struct exec *exec = &self.execs[i];
    if (!exec->used || exec->launch.sync < 0) continue;
    launch_kill(&exec->launch);
    client_error(exec->client, exec->id, ESRCH, NO_SECTION, NO_STEP);
    exec->client = -1;
    exec->launch.failed = true;
    close_fd(&exec->launch.sync);
  }
}

/* Its client has gone: it goes on unless it was bound to that, and nobody is told any more. */
void execs_leave(int client) {
  for (int i = 0; i < EXECS_MAX; i++) {
    struct exec *exec = &self.execs[i];
    if (!exec->used || exec->client != client) continue;
    exec->client = -1;
    if (exec->bound) launch_kill(&exec->launch);
  }
}

static int take(struct message *message, int index) {
  int fd = message->fds[index];
  message->fds[index] = -1;
  return fd;
}

/* Its client leaves it alone, bound or not: from now on the supervisor tells its end, and holds the terminal that comes with that. */
int exec_leave(int client, u32 id, struct message *message) {
  for (u32 i = 0; i < EXECS_MAX; i++) {
    struct exec *exec = &self.execs[i];
    if (!exec->used || exec->client != client || exec->id != id || exec->launch.sync >= 0 || !exec->launch.pid) continue;
    if (exec->event >= 0) return EALREADY;
    exec->bound = false;
    exec->event = take(message, 0);
    if (message->count == 1) return 0;
    exec->launch.terminal = take(message, 1);
    SYS(fcntl, exec->launch.terminal, F_SETFL, O_RDWR | O_NONBLOCK);
    watch(exec->launch.terminal, ON_EXEC_TERMINAL, i);
    return 0;
  }
  return ESRCH;
}

/* What nobody sees: else its writers would wait for ever. */
void exec_drain(u32 index) {
  static u8 dropped[BUFFER];
  struct exec *exec = &self.execs[index];
  if (!exec->used || exec->event < 0 || exec->launch.terminal < 0) return;
  long size = SYS(read, exec->launch.terminal, dropped, sizeof dropped);
  if (size <= 0 && size != -EAGAIN) close_terminal(exec);
}
