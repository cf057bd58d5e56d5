/* Loads a filter and makes calls: one line each on standard output, "name result" with errno as a number.
   probe FILTER|- GROUP: FILTER is a file with an array of struct sock_filter, "-" loads none. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <pthread.h>
#include <time.h>
#include <unistd.h>

static void say(const char *name, long result) {
  printf("%s %s %d\n", name, result >= 0 ? "ok" : "failed", result >= 0 ? 0 : errno);
  fflush(stdout);
}

#define CALL(name, ...) (errno = 0, say(name, syscall(__VA_ARGS__)))

static void load(const char *path) {
  static struct sock_filter code[4096];
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t bytes = read(fd, code, sizeof code);
  struct sock_fprog program = {.len = bytes / sizeof code[0], .filter = code};
  struct timespec before, after;
  close(fd);
  clock_gettime(CLOCK_MONOTONIC, &before);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program)) {
    perror("seccomp");
    exit(3);
  }
  clock_gettime(CLOCK_MONOTONIC, &after);
  fprintf(stderr, "loaded in %ld us\n",
      (after.tv_sec - before.tv_sec) * 1000000 + (after.tv_nsec - before.tv_nsec) / 1000);
}

static void *thread(void *nothing) { return nothing; }

static void ordinary(void) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct data[2];
  char buffer[16];
  pthread_t id;
  int fd, status, pair[2];

  CALL("getpid", SYS_getpid);
  CALL("capget", SYS_capget, &header, data);
  CALL("capset", SYS_capset, &header, data);
  fd = open("/dev/zero", O_RDONLY);
  say("open", fd);
  say("read", read(fd, buffer, sizeof buffer));
  say("pipe", pipe(pair));
  say("write", write(pair[1], buffer, sizeof buffer));
  errno = pthread_create(&id, NULL, thread, NULL);
  say("thread", errno ? -1 : 0);
  if (!errno) pthread_join(id, NULL);
  pid_t child = fork();
  if (child == 0) {
    execl("/bin/true", "true", (char *)NULL);
    _exit(127);
  }
  say("fork", child);
  waitpid(child, &status, 0);
  say("execve", WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1);
}

static void limited(void) {
  long child;
  CALL("mount", SYS_mount, 0, 0, 0, 0, 0);
  CALL("umount2", SYS_umount2, 0, -1);
  CALL("pivot_root", SYS_pivot_root, 0, 0);
  CALL("setns", SYS_setns, -1, 0);
  CALL("unshare", SYS_unshare, 0);
  CALL("keyctl", SYS_keyctl, 0, -2, 0, 0, 0);
  CALL("add_key", SYS_add_key, 0, 0, 0, 0, 0);
  CALL("bpf", SYS_bpf, -1, 0, 0);
  CALL("perf_event_open", SYS_perf_event_open, 0, 0, 0, 0, 0);
  CALL("open_by_handle_at", SYS_open_by_handle_at, -1, 0, 0);
  CALL("reboot", SYS_reboot, 0, 0, 0, 0);
  CALL("io_uring_setup", SYS_io_uring_setup, 0, 0);
  CALL("clone3", SYS_clone3, 0, 0);
  CALL("open_tree_attr", 467, -1, 0, 0, 0, 0);
  CALL("personality-query", SYS_personality, 0xffffffffUL);
  CALL("personality-norandom", SYS_personality, 0x40000UL);
  child = syscall(SYS_clone, 0x10000000UL | 17, 0, 0, 0, 0);
  if (child == 0) _exit(0);
  say("clone-newuser", child);
  if (child > 0) waitpid(child, NULL, 0);
  child = syscall(SYS_clone, 17UL, 0, 0, 0, 0);
  if (child == 0) _exit(0);
  say("clone-plain", child);
  if (child > 0) waitpid(child, NULL, 0);
  CALL("socket-inet", SYS_socket, 2, 1, 0);
  CALL("socket-unix", SYS_socket, 1, 1, 0);
  CALL("socket-netlink", SYS_socket, 16, 3, 0);
  CALL("socket-alg", SYS_socket, 38, 5, 0);
  CALL("socket-vsock", SYS_socket, 40, 1, 0);
  CALL("socket-vsock-high-bits", SYS_socket, 40 | 1L << 32, 1, 0);
}

#ifdef __x86_64__
/* The i386 interface, entered as an i386 program would. */
static long compat(long number, long a, long b, long c) {
  long result;
  __asm__ volatile("int $0x80"
      : "=a"(result)
      : "a"(number), "b"(a), "c"(b), "d"(c)
      : "memory", "r8", "r9", "r10", "r11");
  if (result < 0) {
    errno = -(int)result;
    return -1;
  }
  return result;
}

static void i386(void) {
  say("i386-getpid", compat(20, 0, 0, 0));
  say("i386-mount", compat(21, 0, 0, 0));
  say("i386-umount2", compat(52, 0, -1, 0));
  say("i386-socketcall", compat(102, 1, 0, 0));
  say("i386-socket-inet", compat(359, 2, 1, 0));
  say("i386-socket-alg", compat(359, 38, 5, 0));
  say("i386-clone3", compat(435, 0, 0, 0));
  CALL("x32-mount", 0x40000000 | SYS_mount, 0, 0, 0, 0, 0);
}
#else
static void i386(void) {}
#endif

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  if (strcmp(argv[1], "-")) load(argv[1]);
  if (!strcmp(argv[2], "ordinary")) ordinary();
  if (!strcmp(argv[2], "limited")) limited();
  if (!strcmp(argv[2], "i386")) i386();
  if (!strcmp(argv[2], "getppid")) CALL("getppid", SYS_getppid);
  return 0;
}
