/* Where plans lie: one buffer for the container's, which restarts need, and one for the exec that is being started. */
#include "supervise.h"

#include <linux/fcntl.h>
#include <linux/mman.h>
#include <linux/stat.h>

#ifndef S_IFMT /* which the header leaves to a C library if there is one */
#define S_IFMT 0170000
#define S_IFREG 0100000
#endif

#define PAGE (64 * 1024) /* the largest page of the two architectures */

static _Alignas(PAGE) u8 plans[2][PLAN_MAX + PAGE];
static _Alignas(PAGE) u8 scratches[2][PAGE];
_Static_assert(SCRATCH_MAX < PAGE, "a NUL follows the scratch");

u8 *scratch_of(bool exec) { return scratches[exec]; }

void release_plan(bool exec) {
  SYS(madvise, plans[exec], sizeof plans[exec], MADV_DONTNEED);
  SYS(madvise, scratches[exec], sizeof scratches[exec], MADV_DONTNEED);
}

/* A pipe or device could block or never end, so only a regular file, which a memfd also is. */
static bool is_regular(int fd) {
  struct statx status;
  return SYS(statx, fd, "", AT_EMPTY_PATH, STATX_TYPE, &status) == 0 && (status.stx_mode & S_IFMT) == S_IFREG;
}

int load_plan(int fd, bool exec, struct plan *plan, u32 *blame) {
  size_t size = 0;
  *blame = NO_STEP;
  if (!is_regular(fd)) return -EINVAL;
  for (;;) {
    long got = SYS(pread64, fd, plans[exec] + size, PLAN_MAX + 8 - size, size);
    if (got == -EINTR) continue;
    if (got < 0) return (int)got;
    if (got == 0) break;
    size += (size_t)got;
    if (size > PLAN_MAX) return -E2BIG;
  }
  return plan_decode(plan, plans[exec], size, BUILD_ID, exec, blame);
}
