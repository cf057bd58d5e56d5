/* A user namespace, kept by a descriptor: user_namespaces(7). A short-lived child is born into it. */
#include "machine.h"

#include <linux/fcntl.h>
#include <linux/prctl.h>
#include <linux/sched.h>

/* The child shares the descriptor table, so that what it opens is also ours: its own directory in /proc, whatever pid namespace
 * that procfs shows. It must be dumpable, or that directory belongs to root. It then waits to be killed. */
static NORETURN void child(int report) {
  SYS(prctl, PR_SET_PDEATHSIG, SIGNAL_KILL);
  SYS(prctl, PR_SET_DUMPABLE, 1);
  int self = (int)SYS(openat, AT_FDCWD, "/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
  SYS(write, report, &self, sizeof self);
  for (;;) SYS(ppoll, NULL, 0, NULL, NULL, 0);
}

static int fill(int self, struct bytes uid_map, struct bytes gid_map, bool deny_setgroups) {
  int result = 0;
  if (deny_setgroups) result = write_all(self, "setgroups", "deny", 4, 0);
  if (result == 0) result = write_all(self, "uid_map", uid_map.at, uid_map.size, 0);
  if (result == 0) result = write_all(self, "gid_map", gid_map.at, gid_map.size, 0);
  return result;
}

static int open_namespaces(int self, int *net) {
  int user = (int)SYS(openat, self, "ns/user", O_RDONLY | O_CLOEXEC);
  if (user < 0 || !net) return user;
  *net = (int)SYS(openat, self, "ns/net", O_RDONLY | O_CLOEXEC);
  if (*net >= 0) return user;
  SYS(close, user);
  return *net;
}

int make_user_namespace(struct bytes uid_map, struct bytes gid_map, bool deny_setgroups, int *net) {
  int report[2], self = -1;
  struct clone_args args = {.flags = CLONE_NEWUSER | CLONE_FILES | (net ? CLONE_NEWNET : 0), .exit_signal = SIGNAL_CHLD};
  int result = (int)SYS(pipe2, report, O_CLOEXEC);
  if (result < 0) return result;
  long pid = SYS(clone3, &args, sizeof args);
  if (pid == 0) child(report[1]);
  result = (int)pid;
  if (pid > 0) {
    result = SYS(read, report[0], &self, sizeof self) == sizeof self ? self : -EIO;
    if (result >= 0) result = fill(self, uid_map, gid_map, deny_setgroups);
    if (result == 0) result = open_namespaces(self, net);
    SYS(kill, pid, SIGNAL_KILL);
    SYS(wait4, pid, NULL, 0, NULL);
    close_fd(&self);
  }
  close_fd(&report[0]);
  close_fd(&report[1]);
  return result;
}
