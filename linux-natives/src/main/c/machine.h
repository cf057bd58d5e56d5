/* What executes a plan's steps. */
#ifndef MACHINE_H
#define MACHINE_H

#include "plan.h"

struct machine {
  const struct plan *plan;
  u8 *scratch;          /* SCRATCH_MAX + 8 bytes, the last ones always 0 */
  u64 reg[REGISTERS];
  u64 descriptors;      /* bit n: register n holds a descriptor that a step made or the supervisor put there */
  int sync;             /* in STAGE and CHILD: the socket to the supervisor; else -1 */
};

struct failure {
  u32 section;
  u32 step;
  u32 error;
};

/* What STAGE and CHILD tell the supervisor, one message each. */
enum sync_kind {
  SYNC_BORN = 1,  /* from the new process, before anything else; the kernel adds its pid */
  SYNC_REACHED,   /* a: tag */
  SYNC_WAITING,   /* a: milliseconds */
  SYNC_FD,        /* a: slot; with a descriptor */
  SYNC_EXECUTING, /* execve comes next: an end of file after this means that it has succeeded */
  SYNC_FAILED,    /* a: section, b: step, c: errno */
};

enum slot { SLOT_ROOT, SLOT_TERMINAL };

struct sync_message {
  u32 kind, a, b, c;
};

enum { DATA_MAX = 1024, FDS_MAX = 8 };

/* A received message: at most FDS_MAX descriptors, what was more is closed. */
struct message {
  long size; /* 0 at the end of file, or -errno */
  u32 flags; /* MSG_TRUNC, MSG_CTRUNC */
  i32 pid;   /* of the sender where SO_PASSCRED is set, else 0 */
  int fds[FDS_MAX];
  int count;
  _Alignas(8) u8 data[DATA_MAX];
};

/* struct iovec, msghdr and cmsghdr, as readv(2), recvmsg(2) and cmsg(3) have them. */
struct vector {
  void *base;
  size_t size;
};

struct message_header {
  void *name;
  u32 name_length;
  struct vector *vectors;
  size_t count;
  void *control;
  size_t control_length;
  u32 flags;
};

struct control {
  size_t length;
  i32 level;
  i32 type;
  u8 data[];
};

/* message.c */
int send_message(int socket, const void *data, size_t size, const int *fds, int count, int flags);
void receive_message(int socket, struct message *message);
void drop_descriptors(struct message *message, int from);

/* exec.c: runs a section; 0, or -1 and the failure. An EXEC does not return, a CLONE returns in the new process only. */
void machine_reset(struct machine *machine, const struct plan *plan, u8 *scratch);
int machine_run(struct machine *machine, enum section section, struct failure *failure);
void tell(const struct machine *machine, u32 kind, u32 a, u32 b, u32 c);
/* Closes every descriptor above 2 but the sync socket and those in registers that the plan uses from this section up to CHILD. */
void close_unused(const struct machine *machine, enum section from);

/* files.c: WRITEALL, MKPATH and COVER */
int write_all(int directory, const char *path, const void *data, size_t size, u32 magic);
int make_path(int root, const char *path, u32 mode, bool file, u32 forbidden);

/* A mount that covers places: it is attached to the first, copies of it to all others. */
struct cover {
  int mount;
  bool attached;
};
int find_place(int root, const char *path);
int cover_place(int place, struct cover *directory, struct cover *file);
/* userns.c: USERNS; a descriptor or -errno, and the network namespace's when `net` is given */
struct bytes {
  const char *at;
  u32 size;
};
int make_user_namespace(struct bytes uid_map, struct bytes gid_map, bool deny_setgroups, int *net);
/* init.c: INIT; 0 in the child, -errno, and never in the parent */
int become_init(void);

#endif
