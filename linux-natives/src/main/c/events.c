/* What happens to the container, for whoever follows the events of the root: docs/formats.md, *Events*. */
#include "supervise.h"

#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/uio.h>

/* One write, so that frames of several writers do not mix. Where there is no file, or too much in it already, nothing is told: the exit
 * record and the log are what counts. */
void event_write(u16 action) {
  const struct policy *policy = self.policy;
  if (!(policy->flags & EVENTS)) return;
  int fd = (int)SYS(openat, FD_EVENTS, "current", O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return;
  struct event_frame frame = {
    .magic = 0x56454E50,
    .length = policy->event_length,
    .time = wall_ns(),
    .action = action,
    .code = self.record.code,
    .signal = self.record.signal,
    .restarts = self.record.restarts,
  };
  struct iovec parts[3] = {
    {&frame, sizeof frame},
    {(void *)(self.plan.blob + policy->event), policy->event_length},
    {&frame.length, sizeof frame.length},
  };
  if (SYS(lseek, fd, 0, SEEK_END) < EVENTS_MOST) SYS(writev, fd, parts, 3);
  SYS(close, fd);
}
