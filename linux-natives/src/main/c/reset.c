/* What a JVM, or whoever started it, leaves behind in a child: taken back. A refusal is harmless in each of these: the value stays. */
#include "supervise.h"

#include <linux/capability.h>
#include <linux/fcntl.h>
#include <linux/ioprio.h>
#include <linux/prctl.h>
#include <linux/resource.h>

struct action {
  void *handler;
  unsigned long flags;
  void *restorer;
  u64 mask;
};

/* glibc's posix_spawn leaves 32 and 33 ignored; a Java thread blocks SIGQUIT. */
void reset_signals(void) {
  struct action normal = {0};
  u64 none = 0;
  for (int i = 1; i <= SIGNALS; i++) SYS(rt_sigaction, i, &normal, NULL, sizeof none);
  SYS(rt_sigprocmask, 2 /* SIG_SETMASK */, &none, NULL, sizeof none);
}

static void put(const char *path, const char *text) {
  int fd = (int)SYS(openat, AT_FDCWD, path, O_WRONLY | O_CLOEXEC);
  if (fd >= 0) SYS(write, fd, text, strlen(text));
  close_fd(&fd);
}

static void reset_capabilities(void) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct data[2];
  SYS(prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL);
  if (SYS(capget, &header, data) < 0) return;
  data[0].inheritable = data[1].inheritable = 0;
  SYS(capset, &header, data);
}

static void reset_descriptor_limit(void) {
  struct rlimit64 limit;
  if (SYS(prlimit64, 0, RLIMIT_NOFILE, NULL, &limit) < 0) return;
  if (limit.rlim_cur <= 1024) return;
  limit.rlim_cur = 1024;
  SYS(prlimit64, 0, RLIMIT_NOFILE, &limit, NULL);
}

void reset_process(void) {
  int normal = 0;
  u8 every_processor[128];
  memset(every_processor, 0xff, sizeof every_processor);
  reset_signals();
  SYS(umask, 022);
  SYS(chdir, "/");
  SYS(prctl, PR_SET_PDEATHSIG, 0);
  SYS(prctl, PR_SET_TIMERSLACK, 50000);
  SYS(sched_setscheduler, 0, 0 /* SCHED_OTHER */, &normal);
  SYS(setpriority, PRIO_PROCESS, 0, 0);
  SYS(sched_setaffinity, 0, sizeof every_processor, every_processor);
  SYS(ioprio_set, IOPRIO_WHO_PROCESS, 0, 0);
  put("/proc/self/oom_score_adj", "0");
  put("/proc/self/coredump_filter", "0x33");
  reset_capabilities();
  reset_descriptor_limit();
}
