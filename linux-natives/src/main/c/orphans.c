/* What outlives its container where no cgroup and no pid namespace ends it: a process of the host's pid namespace. The supervisor
 * inherits the orphans of its descendants (PR_SET_CHILD_SUBREAPER), so that each becomes its child once its parent has died. */
#include "supervise.h"

#include <linux/fcntl.h>
#include <linux/time_types.h>
#include <linux/wait.h>

enum { PAUSE_NS = 1000 * 1000 };

static bool has_children(void) {
  _Alignas(8) u8 info[128];
  return SYS(waitid, P_ALL, 0, info, WEXITED | WNOHANG | WNOWAIT | __WALL, NULL) != -ECHILD;
}

static i32 number_at(const char *text) {
  i32 number = 0;
  while (*text >= '0' && *text <= '9') number = number * 10 + (*text++ - '0');
  return number;
}

/* The parent, which follows the name in parentheses and the state: proc_pid_stat(5). The name may hold parentheses too. */
static i32 parent_of(int proc, const char *pid) {
  char path[32], text[256];
  size_t length = strlen(pid);
  if (length + sizeof "/stat" > sizeof path) return 0;
  memcpy(path, pid, length);
  memcpy(path + length, "/stat", sizeof "/stat");
  int fd = (int)SYS(openat, proc, path, O_RDONLY | O_CLOEXEC);
  long size = fd < 0 ? 0 : SYS(read, fd, text, sizeof text - 1);
  close_fd(&fd);
  text[size > 0 ? size : 0] = 0;
  for (long at = size; at >= 0; at--)
    if (text[at] == ')' && text[at + 1] == ' ') return at + 4 < size ? number_at(text + at + 4) : 0;
  return 0;
}

/* Nobody but the supervisor reaps its children: their numbers stay theirs. */
static void kill_children_in(int proc, i32 supervisor) {
  struct entry {
    u64 inode;
    u64 offset;
    u16 length;
    u8 type;
    char name[];
  };
  _Alignas(8) char entries[4096];
  long size;
  SYS(lseek, proc, 0, 0);
  while ((size = SYS(getdents64, proc, entries, sizeof entries)) > 0) {
    for (long at = 0; at < size;) {
      struct entry *entry = (struct entry *)(entries + at);
      at += entry->length;
      i32 pid = number_at(entry->name);
      if (pid > 0 && parent_of(proc, entry->name) == supervisor) SYS(kill, pid, SIGNAL_KILL);
    }
  }
}

/* The init of a pid namespace (OUTER_PID) reaches everybody in it, and would not find itself in the host's /proc. The number is asked
 * for, not the flag: whoever is not init would reach the whole host. */
static void kill_children(int *proc) {
  if (SYS(getpid) == 1) {
    SYS(kill, -1, SIGNAL_KILL);
    return;
  }
  if (*proc < 0) *proc = (int)SYS(openat, AT_FDCWD, "/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (*proc >= 0) kill_children_in(*proc, (i32)SYS(getpid));
}

/* Kills and reaps all children, and those that become children by that, within the limit. */
void end_children(u64 limit_ms) {
  u64 end = monotonic_ms() + limit_ms;
  int proc = -1;
  reap();
  while (has_children() && monotonic_ms() < end) {
    kill_children(&proc);
    struct __kernel_timespec pause = {0, PAUSE_NS};
    SYS(nanosleep, &pause, NULL);
    reap();
  }
  close_fd(&proc);
}
