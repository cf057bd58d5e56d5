/* The supervisor: starts the container, watches it, and cleans up after it. */
#include "supervise.h"

#include <linux/eventpoll.h>
#include <linux/fcntl.h>
#include <linux/resource.h>
#include <linux/signalfd.h>
#include <linux/time.h>
#include <linux/time_types.h>
#include <linux/wait.h>

enum { EMPTY_LIMIT_MS = 5000, REAP_LIMIT_MS = 2000, READER_LIMIT_MS = 2000, AT_ONCE = 16 };

static NORETURN void finish(void);
static void ended(i32 status);
static void drained(void);

static u64 clock_ns(int clock) {
  struct __kernel_timespec now;
  SYS(clock_gettime, clock, &now);
  return (u64)now.tv_sec * 1000000000 + (u64)now.tv_nsec;
}

u64 monotonic_ms(void) { return clock_ns(CLOCK_MONOTONIC) / 1000000; }
u64 wall_ns(void) { return clock_ns(CLOCK_REALTIME); }

static void watch_for(u32 what, int fd, enum event event, u32 index) {
  struct epoll_event interest = {.events = what, .data = (u64)event << 32 | index};
  SYS(epoll_ctl, self.epoll, EPOLL_CTL_ADD, fd, &interest);
}

void watch(int fd, enum event event, u32 index) { watch_for(EPOLLIN, fd, event, index); }
void watch_room(int fd, enum event event, u32 index) { watch_for(EPOLLOUT, fd, event, index); }
void unwatch(int fd) { SYS(epoll_ctl, self.epoll, EPOLL_CTL_DEL, fd, NULL); }

/* Not before the container waits: what it has sent until then, a terminal above all, is taken first. */
void open_gate(void) {
  self.opened = true;
  if (self.run.waiting && self.gate >= 0) SYS(write, self.gate, "", 1);
}

/* SIGKILL to the whole container, and to what is only becoming it. */
void kill_container(void) {
  launch_kill(&self.run);
  if (self.run.pid) cgroup_kill();
}

/* ---- one run ---- */

static void close_registers(u64 set) {
  for (int i = 0; i < REGISTERS; i++) {
    if (!(set >> i & 1)) continue;
    SYS(close, self.machine.reg[i]);
    self.machine.reg[i] = VOID_REGISTER;
    self.machine.descriptors &= ~(1ULL << i);
  }
}

/* Also another user than root may open /dev/stdout in the container. */
static int open_pipe(u32 source, int *write_end) {
  int ends[2];
  int result = (int)SYS(pipe2, ends, O_CLOEXEC);
  if (result < 0) return result;
  SYS(fcntl, ends[0], F_SETFL, O_NONBLOCK);
  SYS(fcntl, ends[0], F_SETPIPE_SZ, PIPE_SIZE);
  SYS(fchmod, ends[1], 0622);
  self.sources[source].fd = ends[0];
  watch(ends[0], ON_SOURCE, source);
  *write_end = ends[1];
  return 0;
}

/* Where STAGE does what CHILD does else, its last clone takes neither rights nor a cgroup: as an exec's it is in the cgroup already. */
static u64 cgroup_of_stage(void) {
  const struct step *clone = &self.plan.steps[self.plan.section[CHILD] - 1];
  return clone->kind[1] == IMMEDIATE ? self.machine.reg[4] : VOID_REGISTER;
}

static int fork_container(void) {
  bool fed = (self.policy->flags & OPEN_STDIN) != 0;
  int fds[4] = {self.policy->flags & STDIN ? FD_STDIN : FD_NULL, FD_NULL, FD_NULL, -1}, gate[2], result = 0;
  bool piped = log_is_kept() || self.policy->flags & ATTACHED;
  if (fed) {
    fds[0] = -1;
    result = open_input(&fds[0]);
  }
  if (piped) {
    fds[1] = fds[2] = -1;
    log_begin_run();
    if (result == 0) result = open_pipe(0, &fds[1]);
    if (result == 0) result = open_pipe(1, &fds[2]);
  }
  if (result == 0 && (result = (int)SYS(pipe2, gate, O_CLOEXEC)) == 0) {
    fds[3] = gate[0];
    self.gate = gate[1];
    result = launch_fork(&self.run, &self.machine, fds, cgroup_of_stage());
  }
  if (fed) close_fd(&fds[0]);
  if (piped) close_fd(&fds[1]);
  if (piped) close_fd(&fds[2]);
  close_fd(&fds[3]);
  if (result == 0) watch(self.run.sync, ON_SYNC, 0);
  return result;
}

/* Runs BEFORE. Register 4 is the cgroup's directory from the start when there already is one and PREPARE has not set it. */
static int run_before(struct failure *failure) {
  u64 kept = self.machine.descriptors;
  int directory = self.machine.reg[4] == VOID_REGISTER ? cgroup_open() : -1;
  if (directory >= 0) {
    self.machine.reg[4] = (u64)directory;
    self.machine.descriptors |= 1 << 4;
  }
  int result = machine_run(&self.machine, BEFORE, failure);
  if (directory >= 0 && self.machine.reg[4] != (u64)directory) SYS(close, directory);
  self.before = self.machine.descriptors & ~kept;
  return result;
}

NORETURN void failed_to_start(struct failure failure) {
  self.run.failed = true;
  self.run.failure = failure;
  finish();
}

void begin_run(void) {
  struct failure failure;
  self.state = STATE_SETUP;
  self.waited = (struct usage){0, 0};
  self.run_began = monotonic_ms();
  close_registers(self.before);
  launch_clear(&self.run);
  int result = run_before(&failure);
  if (result == 0) {
    self.oom_before = cgroup_oom_kills();
    self.cpu_before = cgroup_usage().cpu_us;
    int error = fork_container();
    if (error < 0) {
      failure = (struct failure){STAGE, NO_STEP, (u32)-error};
      result = -1;
    }
  }
  close_registers(self.before & ~0xFFFFULL);
  self.before &= 0xFFFF;
  if (result < 0) failed_to_start(failure);
}

static void started(void) {
  struct {
    u32 restarts, zero;
    u64 started;
  } payload = {self.record.restarts, 0, wall_ns()};
  int fds[2] = {self.pidfd, self.run.pidfd};
  self.state = STATE_RUNNING;
  self.record.started = payload.started;
  self.run_began = monotonic_ms();
  close_fd(&self.gate);
  event_write(EVENT_START);
  if (self.policy->limit) self.limit_at = self.run_began + self.policy->limit;
  tell_first(0xA1, &payload, sizeof payload, fds, 2);
}

static void pump_run(void) {
  if (self.state != STATE_SETUP) return;
  switch (launch_pump(&self.run, true)) {
    case LAUNCH_STARTED:
      started();
      if (!self.run.pid) ended(self.run.status);
      break;
    case LAUNCH_FAILED: finish(); break;
    default: break;
  }
}

/* Reads what the container has left in its pipes, and not for ever: a process of the host's pid namespace may have outlived it.
 * False while an attached reader has to make room first. */
static bool drain(void) {
  bool done = true;
  for (u32 i = 0; i < SOURCES; i++) {
    struct source *source = &self.sources[i];
    u32 size = log_pump(i, source->left);
    source->left -= size < source->left ? size : source->left;
    if (source->held && source->left)
      done = false;
    else
      log_close(i);
  }
  tell_growth();
  return done;
}

static void begin_drain(void) {
  for (u32 i = 0; i < SOURCES; i++) self.sources[i].left = 2 * PIPE_SIZE;
}

static void detach(void) {
  for (u32 i = 0; i < SOURCES; i++) log_detach(i);
}

static void account(void) {
  struct usage usage = cgroup_usage();
  self.record.cpu_us = usage.cpu_us ? usage.cpu_us - self.cpu_before : self.waited.cpu_us;
  self.record.memory_peak = usage.memory_peak ? usage.memory_peak : self.waited.memory_peak;
  self.record.oom_kills = cgroup_oom_kills() - self.oom_before;
  self.record.flags &= (u16)~RECORD_OOM;
  if (self.record.oom_kills) self.record.flags |= RECORD_OOM;
}

/* Once the record is written, if there is to be one, so that whoever hears of it finds it. */
static void tell_death(void) {
  if (self.record.oom_kills) event_write(EVENT_OOM);
  event_write(EVENT_DIE);
}

static void ended(i32 status) {
  i32 signal = status & 0x7f;
  self.state = STATE_DRAINING;
  self.record.finished = wall_ns();
  self.record.signal = (u32)signal;
  self.record.code = (u32)(signal ? 128 + signal : status >> 8 & 0xff);
  self.limit_at = 0;
  close_fd(&self.run.pidfd);
  close_fd(&self.root);
  end_input();
  u64 enough = monotonic_ms() + READER_LIMIT_MS;
  if (self.kill_at && self.kill_at < enough) self.kill_at = enough;
  begin_drain();
  if (drain()) drained();
}

/* The end of the container waits no longer for an attached reader. */
static void leave_reader(void) {
  detach();
  drain();
  drained();
}

static void drained(void) {
  self.kill_at = 0;
  account();
  if (!wants_restart()) finish();
  tell_death();
  execs_abandon();
  cgroup_empty(EMPTY_LIMIT_MS, false);
  end_children(REAP_LIMIT_MS);
  back_off();
}

/* ---- the end ---- */

static u32 code_of_failure(const struct failure *failure) {
  bool execute = failure->section == CHILD && failure->step < self.plan.section[SECTIONS] &&
                 self.plan.steps[failure->step].operation == OP_EXEC;
  if (!execute) return 125;
  return failure->error == ENOENT || failure->error == ENOTDIR ? 127 : 126;
}

static void record_failure(void) {
  const struct failure *failure = &self.run.failure;
  self.record.flags |= RECORD_NEVER_STARTED;
  self.record.finished = wall_ns();
  self.record.code = code_of_failure(failure);
  self.record.signal = 0;
  self.record.failed_step = (failure->section & 0xFFFF) | failure->step << 16;
  self.record.failed_errno = failure->error;
}

static NORETURN void finish(void) {
  struct failure ignored;
  struct failure failure = self.run.failure;
  bool cancelled = restart_is_cancelled();
  bool ran = self.state == STATE_DRAINING;
  if (self.run.failed) {
    kill_container();
    detach();
    begin_drain();
    drain();
  }
  if (cancelled) {
    self.record.restarts--;
  } else if (self.run.failed) {
    account();
    record_failure();
  }
  detach();
  self.state = STATE_EXITED;
  record_write();
  if (ran) tell_death();
  u32 payload[3] = {failure.section, failure.step, failure.error};
  if (self.run.failed && !cancelled) tell_first(0xA2, payload, sizeof payload, &self.pidfd, self.pidfd >= 0);
  execs_abandon();
  for (u32 i = 0; i < CLIENTS_MAX; i++) client_read(i);
  attachments_leave(-1);
  tell_end();
  cgroup_kill();
  cgroup_empty(EMPTY_LIMIT_MS, true);
  end_children(REAP_LIMIT_MS);
  cgroup_remove();
  machine_run(&self.machine, TEARDOWN, &ignored);
  leave(0);
}

/* ---- what happens ---- */

/* The end of the socket, once all are dead, does the rest. */
static void cancel_setup(u32 error) {
  if (!self.run.failed) self.run.failure = (struct failure){NO_SECTION, NO_STEP, error};
  self.run.failed = true;
  kill_container();
}

/* After the end it comes too late: the record is written, and told as it was written. */
void request_stop(u32 signal, u32 grace) {
  if (self.state == STATE_EXITED) return;
  if (signal == 0) signal = self.policy->stop_signal;
  if (grace == UINT32_MAX) grace = self.policy->grace;
  self.stopping = true;
  self.record.flags |= RECORD_STOPPED;
  if (self.state == STATE_BACKOFF) finish();
  if (self.state == STATE_SETUP) cancel_setup(ECANCELED);
  if (self.state != STATE_RUNNING && self.state != STATE_DRAINING) return;
  u64 at = monotonic_ms() + grace;
  if (self.kill_at == 0 || at < self.kill_at) self.kill_at = at;
  if (self.run.pid) SYS(pidfd_send_signal, self.run.pidfd, signal, NULL, 0);
}

static void end_by(u16 flag) {
  self.stopping = true;
  self.record.flags |= flag;
  if (self.state == STATE_BACKOFF) finish();
  if (self.state == STATE_SETUP)
    cancel_setup(ECANCELED);
  else if (self.state == STATE_DRAINING)
    leave_reader();
  else
    kill_container();
}

static void add_usage(const struct rusage *usage) {
  self.waited.cpu_us += (u64)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1000000 +
                        (u64)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec);
  u64 peak = (u64)usage->ru_maxrss * 1024;
  if (peak > self.waited.memory_peak) self.waited.memory_peak = peak;
}

/* The pid of a child that has died and is not reaped yet: waitid(2). */
static i32 next_dead(void) {
  struct {
    i32 signal, error, code, padding, pid;
    u8 rest[108];
  } info = {0};
  SYS(waitid, P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT | __WALL, NULL);
  return info.pid;
}

/* Reaps everything: orphans come here too. What a process said before it died is read first, for it names it. */
void reap(void) {
  struct rusage usage;
  i32 status;
  bool container_ended = false;
  for (;;) {
    i32 pid = next_dead();
    if (pid <= 0) break;
    pump_run();
    execs_pump_all();
    if (SYS(wait4, pid, &status, WNOHANG | __WALL, &usage) != pid) break;
    if (pid == self.run.stage) {
      self.run.stage = 0;
    } else if (pid == self.run.pid) {
      self.run.pid = 0;
      self.run.status = status;
      container_ended = true;
      add_usage(&usage);
    } else if (exec_ended(pid, status)) {
      add_usage(&usage);
    } else {
      exec_stage_ended(pid);
    }
  }
  if (container_ended && self.state == STATE_RUNNING) ended(self.run.status);
}

static void on_signal(void) {
  struct signalfd_siginfo info;
  while (SYS(read, self.signals, &info, sizeof info) == sizeof info) {
    if (info.ssi_signo == SIGNAL_TERM) request_stop(0, UINT32_MAX);
    if (info.ssi_signo != SIGNAL_CHLD) continue;
    reap();
  }
}

static void on_source(u32 index) {
  if (self.sources[index].fd < 0) return;
  if (self.state == STATE_DRAINING) {
    if (drain()) drained();
    return;
  }
  u64 before = self.record.log_written;
  if (log_pump(index, PIPE_SIZE) < PIPE_SIZE) log_release();
  if (self.record.log_written != before) tell_growth();
}

static void dispatch(u64 data) {
  u32 index = (u32)data;
  switch (data >> 32) {
    case ON_SIGNAL: on_signal(); break;
    case ON_LIFELINE: end_by(RECORD_LIFELINE); SYS(epoll_ctl, self.epoll, EPOLL_CTL_DEL, FD_LIFELINE, NULL); break;
    case ON_LISTEN: client_accept(); break;
    case ON_CLIENT: client_read(index); break;
    case ON_SOURCE: on_source(index); break;
    case ON_SYNC: pump_run(); break;
    case ON_INPUT: attachment_feed(index); break;
    case ON_ROOM: input_has_room(); break;
    case ON_EXEC_TERMINAL: exec_drain(index); break;
    default: exec_pump(index); break;
  }
}

/* Does what is due and answers the time of what is due next. */
static u64 serve_times(void) {
  u64 now = monotonic_ms(), next = UINT64_MAX;
  if (self.state == STATE_SETUP && self.run.deadline <= now) {
    cancel_setup(ETIMEDOUT);
    self.run.deadline = UINT64_MAX;
  }
  if (self.kill_at && self.kill_at <= now) {
    self.kill_at = now + READER_LIMIT_MS;
    kill_container();
    if (self.state == STATE_DRAINING) leave_reader();
  }
  if (self.limit_at && self.limit_at <= now) {
    self.limit_at = 0;
    end_by(RECORD_LIMIT);
  }
  if (self.restart_at && self.restart_at <= now) restart();
  if (self.state == STATE_SETUP) next = self.run.deadline;
  if (self.kill_at && self.kill_at < next) next = self.kill_at;
  if (self.limit_at && self.limit_at < next) next = self.limit_at;
  if (self.restart_at && self.restart_at < next) next = self.restart_at;
  exec_limits(now, &next);
  return next;
}

NORETURN void loop(void) {
  struct epoll_event events[AT_ONCE];
  for (;;) {
    u64 next = serve_times(), now = monotonic_ms();
    long wait = next == UINT64_MAX ? -1 : next <= now ? 0 : next - now > 3600000 ? 3600000 : (long)(next - now);
    long count = SYS(epoll_pwait, self.epoll, events, AT_ONCE, wait, NULL, 8);
    for (long i = 0; i < count; i++) dispatch(events[i].data);
  }
}
