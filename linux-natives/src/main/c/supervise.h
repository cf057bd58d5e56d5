/* The supervisor of one container: docs/formats.md, *Descriptors of a launcher* and *Supervisor protocol*. */
#ifndef SUPERVISE_H
#define SUPERVISE_H

#include "machine.h"

enum {
  FD_NULL = 0, FD_PLAN = 3, FD_FIRST_CLIENT = 4, FD_LISTEN = 5, FD_LIFELINE = 6, FD_LOCK = 7, FD_LOGS = 8, FD_RECORD = 9,
  FD_STDIN = 10, FD_SUPERVISOR_CGROUP = 11, FD_CGROUP_PARENT = 12, FD_ATTACHED = 13, FD_EVENTS = 15,
  FD_JOINED = 16, JOINED_MAX = 5, FD_FIRST_FREE = FD_JOINED + JOINED_MAX,
};

enum {
  CLIENTS_MAX = 128, EXECS_MAX = 64, ATTACHMENTS_MAX = 64, SETUP_LIMIT_MS = 30 * 1000, BUFFER = 64 * 1024, PIPE_SIZE = 1 << 20,
  EVENTS_MOST = 8 << 20, /* nobody tidies up while no engine is open */
};

enum state { STATE_SETUP = 1, STATE_RUNNING, STATE_BACKOFF, STATE_DRAINING, STATE_EXITED };

enum record_flag {
  RECORD_OOM = 1, RECORD_LIMIT = 2, RECORD_STOPPED = 4, RECORD_OUTPUT = 8, RECORD_NEVER_STARTED = 16, RECORD_LIFELINE = 32,
};

struct record {
  u32 magic;
  u16 version;
  u16 flags;
  u64 started;
  u64 finished;
  u32 code;
  u32 signal;
  u32 restarts;
  u32 failed_step; /* section | step << 16 */
  u32 failed_errno;
  u32 oom_kills;
  u64 log_dropped;
  u64 cpu_us;
  u64 memory_peak;
  u64 log_written;
  u64 zero;
  u64 checksum;
};
_Static_assert(sizeof(struct record) == 96, "the format");

/* Before the text that the plan has for it, which its length follows once more. */
struct event_frame {
  u32 magic;
  u32 length;
  u64 time;
  u16 action;
  u16 zero;
  u32 code;
  u32 signal;
  u32 restarts;
};
_Static_assert(sizeof(struct event_frame) == 32, "the format");

enum event_action { EVENT_START = 2, EVENT_DIE = 3, EVENT_OOM = 4, EVENT_EXEC_DIE = 14 };

/* A process on its way from fork to execve, and after. */
struct launch {
  int sync;         /* -1 once execve has succeeded or set-up has failed */
  i32 stage;        /* pid of the fork, 0 once reaped */
  i32 pid;          /* of the new process, 0 before it is born and once reaped */
  int pidfd;        /* of the new process, -1 before it is born */
  int terminal;     /* an exec's: the master, until its client has it, and again once that has left it; else -1 */
  i32 status;       /* as wait(2) gives it, once reaped */
  bool waiting;     /* for a descriptor, a container's for the gate */
  bool executing;
  bool failed;
  struct failure failure;
  u64 deadline;     /* of set-up, monotonic ms */
};

enum launch_event { LAUNCH_PENDING, LAUNCH_STARTED, LAUNCH_FAILED };

struct exec {
  bool used;
  int client;       /* index, -1 when it has gone */
  u32 id;
  bool bound;       /* ends with its client */
  int event;        /* the text of the event of its end, once its client has left it; else -1 */
  struct launch launch;
};

struct client {
  int fd;           /* -1: free */
  bool waits;
  bool follows;
};

enum stream { STREAM_STDOUT = 1, STREAM_STDERR = 2, STREAM_NOTE = 3 };

struct source {
  int fd;
  u8 stream;
  int attached;     /* the pipe of whoever started the container attached, -1 without one */
  bool held;        /* that pipe is full: nothing is read before there is room in it */
  u32 left;         /* bytes that are still read after the end of the container */
};
enum { TERMINAL = 2, SOURCES = 3 }; /* standard output, standard error, the terminal's master */

struct attachment {
  bool used;
  int client;       /* index */
  u32 id;           /* of the request */
  int input;        /* pipes of the client's; -1 where it feeds nothing, or no more */
  int output[2];
};

struct size {
  u16 rows, columns, x, y; /* struct winsize: ioctl_tty(2) */
};

struct usage {
  u64 cpu_us;
  u64 memory_peak;
};

struct supervisor {
  struct plan plan;
  struct machine machine;
  const struct policy *policy;
  u32 restart;
  u32 restart_max;
  enum state state;
  bool stopping;    /* STOP, SIGTERM, lifeline or a limit: no restart any more */
  u64 kill_at;      /* monotonic ms; 0 = no time set; for this and the next two */
  u64 limit_at;
  u64 restart_at;
  u64 backoff;
  u64 run_began;    /* monotonic ms */
  u64 before;       /* registers that BEFORE of this run has filled with descriptors */
  int epoll;
  int signals;
  int pidfd;        /* of the supervisor itself */
  int root;         /* the container's root directory, -1 if not sent */
  int gate;
  bool opened;      /* START has come */
  struct launch run;
  struct source sources[SOURCES];
  struct exec execs[EXECS_MAX];
  struct client clients[CLIENTS_MAX];
  struct attachment attachments[ATTACHMENTS_MAX];
  struct size size; /* of the terminal; no rows: as the plan has set it */
  int slave;        /* of the terminal, held open; -1 without one */
  int input;        /* where goes what attached clients send: the terminal, or the container's standard input; -1 between runs */
  bool listening;   /* to them; not while that has no room */
  struct usage waited; /* of waited-for processes of this run */
  u32 oom_before;      /* of the container's cgroup, when this run began; so is the next */
  u64 cpu_before;
  struct record record;
};
extern struct supervisor self;

/* What the epoll descriptor reports: a kind in the high, an index in the low half. */
enum event { ON_SIGNAL, ON_LIFELINE, ON_LISTEN, ON_CLIENT, ON_SOURCE, ON_SYNC, ON_INPUT, ON_ROOM, ON_EXEC_SYNC, ON_EXEC_TERMINAL };

/* begin.c */
NORETURN void launcher(void);

/* supervise.c */
NORETURN void loop(void);
NORETURN void failed_to_start(struct failure failure);
void begin_run(void);
u64 monotonic_ms(void);
u64 wall_ns(void);
void watch(int fd, enum event event, u32 index);
void watch_room(int fd, enum event event, u32 index);
void unwatch(int fd);
void kill_container(void);
void request_stop(u32 signal, u32 grace);
void open_gate(void);
void reap(void);

/* restart.c */
bool wants_restart(void);
void back_off(void);
void restart(void);
void call_off_restart(void);
bool restart_is_cancelled(void);

/* reset.c: undoes what a JVM leaves in its children; first thing in the spawned process */
void reset_process(void);
void reset_signals(void);

/* load.c: reads and decodes a plan into the one of two buffers */
int load_plan(int fd, bool exec, struct plan *plan, u32 *blame);
u8 *scratch_of(bool exec);
void release_plan(bool exec);

/* launch.c */
void launch_clear(struct launch *launch);
int launch_fork(struct launch *launch, struct machine *machine, const int fds[4], u64 cgroup);
enum launch_event launch_pump(struct launch *launch, bool container);
void launch_kill(const struct launch *launch);

/* execs.c */
void exec_start(int client, u32 id, u32 flags, struct message *message);
void exec_pump(u32 index);
bool exec_ended(i32 pid, i32 status);
void exec_limits(u64 now, u64 *next);
void exec_stage_ended(i32 pid);
void execs_pump_all(void);
void execs_abandon(void);
void execs_leave(int client);
int exec_leave(int client, u32 id, struct message *message);
void exec_drain(u32 index);

/* clients.c */
void clients_open(void);
void client_accept(void);
/* The connection of somebody with this user's uid, or -errno; whoever else comes, or comes where there is no room, is told so. */
int accept_known(int listening, bool room);
void client_read(u32 index);
void client_answer(int index, u32 type, u32 id, const void *payload, size_t size, const int *fds, int count);
void client_error(int index, u32 id, u32 error, u32 section, u32 step);
void tell_first(u32 type, const void *payload, size_t size, const int *fds, int count);
void tell_growth(void);
void tell_lag(int client, u32 attachment);
void tell_end(void);

/* logs.c */
bool log_is_kept(void);
void log_open(void);
void log_begin_run(void);
void log_write(u8 stream, const void *data, u32 size);
u32 log_pump(u32 source, u32 bytes);
void log_detach(u32 source);
void log_close(u32 source);
void log_release(void);

/* attachments.c */
void attachments_open(void);
int attachment_begin(int client, u32 id, u32 rows, u32 columns, struct message *message);
int attachment_end(int client, u32 id);
void attachment_feed(u32 index);
void attachments_write(u8 stream, const void *data, u32 size);
void attachments_leave(int client);
void take_terminal(int master);
void terminal_resize(u32 rows, u32 columns);
int open_input(int *read_end);
void end_input(void);
void input_has_room(void);

/* record.c */
void record_forget(void);
void record_reserve(void);
void record_write(void);

/* events.c */
void event_write(u16 action);
void event_write_exec(int text, u32 code, u32 signal);

/* orphans.c */
void end_children(u64 limit_ms);

/* cgroup.c */
int cgroup_open(void);
void cgroup_kill(void);
void cgroup_thaw(void);
bool cgroup_empty(u64 limit_ms, bool for_good);
void cgroup_remove(void);
u32 cgroup_oom_kills(void);
struct usage cgroup_usage(void);

#endif
