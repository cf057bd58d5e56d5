/* INIT: process 1 of a container whose program is not made for it. */
#include "machine.h"

#include <linux/time_types.h>
#include <linux/wait.h>

static long block_all(u64 *before) {
  u64 all = ~0ULL;
  return SYS(rt_sigprocmask, 0 /* SIG_BLOCK */, &all, before, sizeof all);
}

/* Reaps what has ended; leaves as the child did once it is among them. */
static void reap(long child) {
  i32 status;
  for (;;) {
    long pid = SYS(wait4, -1, &status, WNOHANG | __WALL, NULL);
    if (pid <= 0) return;
    if (pid == child) leave((status & 0x7f) ? 128 + (status & 0x7f) : status >> 8 & 0xff);
  }
}

/* Whether a seccomp filter leaves what serve needs: with nothing to wait for, each call has one answer. */
static int refused(void) {
  u64 none = 0;
  struct __kernel_timespec now = {0, 0};
  long waited = SYS(rt_sigtimedwait, &none, NULL, &now, sizeof none);
  if (waited != -EAGAIN) return (int)waited;
  long reaped = SYS(wait4, -1, NULL, WNOHANG | __WALL, NULL);
  if (reaped != -ECHILD) return (int)reaped;
  return (int)SYS(kill, 0, 0);
}

static NORETURN void serve(long child) {
  u64 all = ~0ULL;
  for (;;) {
    long signal = SYS(rt_sigtimedwait, &all, NULL, NULL, sizeof all);
    if (signal == SIGNAL_CHLD)
      reap(child);
    else if (signal > 0)
      SYS(kill, child, signal);
  }
}

int become_init(void) {
  u64 before;
  int result = refused();
  if (result < 0) return result;
  block_all(&before);
  long child = SYS(clone, SIGNAL_CHLD, 0, 0, 0, 0);
  if (child > 0) {
    SYS(close_range, 0, ~0U, 0);
    serve(child);
  }
  SYS(rt_sigprocmask, 2 /* SIG_SETMASK */, &before, NULL, sizeof before);
  return (int)child;
}
