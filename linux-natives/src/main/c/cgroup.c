/* The container's cgroup, a directory below descriptor 12: Documentation/admin-guide/cgroup-v2.rst. */
#include "supervise.h"

#include <linux/fcntl.h>
#include <linux/openat2.h>
#include <linux/poll.h>
#include <linux/time_types.h>

enum { TEXT = 4096, DEEPEST = 16, REMOVE_ATTEMPTS = 50 };

static int open_below(int directory, const char *name, u64 flags) {
  struct open_how how = {
      .flags = flags | O_CLOEXEC | O_NOFOLLOW, .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV};
  return (int)SYS(openat2, directory, name, &how, sizeof how);
}

int cgroup_open(void) {
  if (!(self.policy->flags & CGROUP)) return -ENOENT;
  return open_below(FD_CGROUP_PARENT, self.plan.blob + self.policy->cgroup, O_RDONLY | O_DIRECTORY);
}

/* A small file's text; empty when it is not there. */
static const char *read_text(int directory, const char *name) {
  static char text[TEXT];
  int fd = open_below(directory, name, O_RDONLY);
  long size = fd < 0 ? 0 : SYS(read, fd, text, sizeof text - 1);
  close_fd(&fd);
  text[size > 0 ? size : 0] = 0;
  return text;
}

static bool write_text(int directory, const char *name, const char *text) {
  int fd = open_below(directory, name, O_WRONLY);
  if (fd < 0) return false;
  long size = SYS(write, fd, text, strlen(text));
  close_fd(&fd);
  return size == (long)strlen(text);
}

static u64 number_at(const char *text) {
  u64 number = 0;
  while (*text >= '0' && *text <= '9') number = number * 10 + (u64)(*text++ - '0');
  return number;
}

/* The number after `key` and a space at the start of a line; 0 when there is none. */
static u64 value_of(const char *text, const char *key) {
  size_t length = strlen(key);
  while (*text) {
    if (strlen(text) > length && memcmp(text, key, length) == 0 && text[length] == ' ') return number_at(text + length + 1);
    while (*text && *text != '\n') text++;
    if (*text) text++;
  }
  return 0;
}

struct entry {
  u64 inode;
  u64 offset;
  u16 length;
  u8 type;
  char name[];
};

/* Calls `visit` for each cgroup right below `directory`. */
static void each_below(int directory, void (*visit)(int parent, const char *name, int depth), int depth) {
  _Alignas(8) char entries[1024];
  long size;
  while ((size = SYS(getdents64, directory, entries, sizeof entries)) > 0) {
    for (long at = 0; at < size;) {
      struct entry *entry = (struct entry *)(entries + at);
      at += entry->length;
      bool inside = entry->type == 4 /* DT_DIR */ && !same(entry->name, ".") && !same(entry->name, "..");
      if (inside) visit(directory, entry->name, depth);
    }
  }
}

/* Where pages are larger than what is read, that may end within a pid: one without its line's end is left for the next time. */
static void kill_listed(int directory) {
  const char *text = read_text(directory, "cgroup.procs");
  for (;;) {
    u64 pid = number_at(text);
    while (*text && *text != '\n') text++;
    if (!*text++) return;
    if (pid > 0) SYS(kill, pid, SIGNAL_KILL);
  }
}

static void kill_below(int parent, const char *name, int depth) {
  int directory = depth == DEEPEST ? -1 : open_below(parent, name, O_RDONLY | O_DIRECTORY);
  if (directory < 0) return;
  kill_listed(directory);
  each_below(directory, kill_below, depth + 1);
  close_fd(&directory);
}

/* Each by its pid, also in the cgroups that the container has made below its own, and thawed so that it dies: for a kernel before
 * 5.14, which has no cgroup.kill, and for a cgroup that is used again: on 6.18 clone3(CLONE_INTO_CGROUP) into a cgroup that
 * cgroup.kill was once written to kills the new process at once. */
static void kill_each(int directory) {
  write_text(directory, "cgroup.freeze", "1");
  kill_below(directory, ".", 0);
  write_text(directory, "cgroup.freeze", "0");
}

static void kill_all(bool for_good) {
  int directory = cgroup_open();
  if (directory < 0) return;
  if (!for_good || !write_text(directory, "cgroup.kill", "1")) kill_each(directory);
  close_fd(&directory);
}

void cgroup_kill(void) { kill_all(true); }

/* Between two runs somebody may have frozen what was empty: the next one would never come to life. */
void cgroup_thaw(void) {
  int directory = cgroup_open();
  if (directory < 0) return;
  write_text(directory, "cgroup.freeze", "0");
  close_fd(&directory);
}

/* Kills and waits until nothing is left; reaps meanwhile. False after the limit. */
bool cgroup_empty(u64 limit_ms, bool for_good) {
  int directory = cgroup_open();
  u64 end = monotonic_ms() + limit_ms;
  bool empty = true;
  while (directory >= 0) {
    int events = open_below(directory, "cgroup.events", O_RDONLY);
    if (events < 0) break;
    char text[256];
    long size = SYS(read, events, text, sizeof text - 1);
    text[size > 0 ? size : 0] = 0;
    empty = value_of(text, "populated") == 0;
    if (!empty && monotonic_ms() < end) {
      kill_all(for_good);
      struct pollfd poll = {.fd = events, .events = POLLPRI};
      struct __kernel_timespec wait = {0, 20 * 1000000};
      SYS(ppoll, &poll, 1, &wait, NULL, 8);
      reap();
    }
    close_fd(&events);
    if (empty || monotonic_ms() >= end) break;
  }
  close_fd(&directory);
  return empty;
}

/* rmdir right after a kill can still be EBUSY. */
static long remove_directory(int parent, const char *name) {
  long result = -EBUSY;
  for (int i = 0; i < REMOVE_ATTEMPTS && result == -EBUSY; i++) {
    result = SYS(unlinkat, parent, name, AT_REMOVEDIR);
    struct __kernel_timespec pause = {0, 2 * 1000000};
    if (result == -EBUSY) SYS(nanosleep, &pause, NULL);
  }
  return result;
}

static void remove_tree(int parent, const char *name, int depth) {
  if (SYS(unlinkat, parent, name, AT_REMOVEDIR) == 0 || depth == DEEPEST) return;
  int directory = open_below(parent, name, O_RDONLY | O_DIRECTORY);
  if (directory < 0) return;
  each_below(directory, remove_tree, depth + 1);
  close_fd(&directory);
  remove_directory(parent, name);
}

void cgroup_remove(void) {
  if (self.policy->flags & CGROUP) remove_tree(FD_CGROUP_PARENT, self.plan.blob + self.policy->cgroup, 0);
}

u32 cgroup_oom_kills(void) {
  int directory = cgroup_open();
  if (directory < 0) return 0;
  u64 kills = value_of(read_text(directory, "memory.events"), "oom_kill");
  close_fd(&directory);
  return (u32)kills;
}

struct usage cgroup_usage(void) {
  struct usage usage = {0, 0};
  int directory = cgroup_open();
  if (directory < 0) return usage;
  usage.cpu_us = value_of(read_text(directory, "cpu.stat"), "usage_usec");
  usage.memory_peak = number_at(read_text(directory, "memory.peak"));
  close_fd(&directory);
  return usage;
}
