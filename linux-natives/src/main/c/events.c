/* What happens to the container, for whoever follows the events of the root: docs/formats.md, *Events*. */
#include "supervise.h"

#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/uio.h>

enum { TEXT_MAX = 64 * 1024 };

/* One write, so that frames of several writers do not mix. Where there is no file, or too much in it already, nothing is told: the exit
 * record and the log are what counts. */
static void append(struct event_frame *frame, const void *text) {
  int fd = (int)SYS(openat, FD_EVENTS, "current", O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return;
  struct iovec parts[3] = {
    {frame, sizeof *frame},
    {(void *)text, frame->length},
    {&frame->length, sizeof frame->length},
  };
  if (SYS(lseek, fd, 0, SEEK_END) < EVENTS_MOST) SYS(writev, fd, parts, 3);
  SYS(close, fd);
}

static struct event_frame frame_of(u16 action, u32 length, u32 code, u32 signal) {
  return (struct event_frame){
    .magic = 0x56454E50,
    .length = length,
    .time = wall_ns(),
    .action = action,
    .code = code,
    .signal = signal,
    .restarts = self.record.restarts,
  };
}

void event_write(u16 action) {
  const struct policy *policy = self.policy;
  if (!(policy->flags & EVENTS)) return;
  struct event_frame frame = frame_of(action, policy->event_length, self.record.code, self.record.signal);
  append(&frame, self.plan.blob + policy->event);
}

/* The end of an exec, with a text that is in a file; one that is empty or too long is not told. */
void event_write_exec(int text, u32 code, u32 signal) {
  static u8 bytes[TEXT_MAX];
  if (!(self.policy->flags & EVENTS)) return;
  long length = SYS(pread64, text, bytes, sizeof bytes, 0);
  if (length <= 0 || length == sizeof bytes) return;
  struct event_frame frame = frame_of(EVENT_EXEC_DIE, (u32)length, code, signal);
  append(&frame, bytes);
}
