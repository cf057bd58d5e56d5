/* What the container writes, framed and rotated: docs/formats.md, *Log*. The container never waits for a disk that is full, but
 * it does wait for whoever started it attached. */
#include "supervise.h"

#include <linux/fcntl.h>
#include <linux/mman.h>
#include <linux/poll.h>
#include <linux/stat.h>
#include <linux/time_types.h>

struct frame {
  u32 length;
  u8 stream;
  u8 flags;
  u16 zero;
  u64 time;
};
enum { SPLICE_NONBLOCK = 2 /* SPLICE_F_NONBLOCK: splice(2) */ };
enum { UNFINISHED = 1, CONTINUES = 2, TRAILER = sizeof(u32), OVERHEAD = sizeof(struct frame) + TRAILER };

struct part {
  const void *base;
  size_t size;
};

static _Alignas(64 * 1024) u8 buffer[BUFFER];
static bool buffer_touched;
static int file = -1;
static bool inside[STREAM_NOTE + 1]; /* a line, at the end of what was kept last */
static u64 file_size;
static u64 unreported; /* bytes dropped by a full disk since the last note */

static void open_file(void) {
  struct statx status;
  file = (int)SYS(openat, FD_LOGS, "log", O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
  file_size = 0;
  if (file >= 0 && SYS(statx, file, "", AT_EMPTY_PATH, STATX_SIZE, &status) == 0) file_size = status.stx_size;
}

static void name_of(u32 number, char name[8]) {
  memcpy(name, "log", 4);
  if (number == 0) return;
  name[3] = '.';
  char *at = name + 4;
  if (number >= 10) *at++ = (char)('0' + number / 10);
  *at++ = (char)('0' + number % 10);
  *at = 0;
}

static void rotate(void) {
  char older[8], newer[8];
  close_fd(&file);
  for (u32 i = self.policy->log_files - 1; i > 0; i--) {
    name_of(i, older);
    name_of(i - 1, newer);
    SYS(renameat2, FD_LOGS, newer, FD_LOGS, older, 0);
  }
  if (self.policy->log_files == 1) SYS(unlinkat, FD_LOGS, "log", 0);
  open_file();
}

/* A supervisor that was killed may have left half a frame at the end: frames after it could not be read. */
static bool ends_whole(void) {
  u32 last, first;
  if (file_size == 0) return true;
  if (file_size < OVERHEAD || SYS(pread64, file, &last, sizeof last, file_size - sizeof last) != sizeof last) return false;
  if (last == 0 || last > file_size - OVERHEAD) return false;
  return SYS(pread64, file, &first, sizeof first, file_size - OVERHEAD - last) == sizeof first && first == last;
}

/* A part of the file, of which more is read ahead. */
static bool peek(u64 at, void *to, size_t size) {
  static u64 from;
  static size_t held;
  if (!buffer_touched || at < from || at + size > from + held) {
    long count = SYS(pread64, file, buffer, sizeof buffer, at);
    buffer_touched = true;
    from = at;
    held = count < 0 ? 0 : (size_t)count;
    if (held < size) return false;
  }
  memcpy(to, buffer + (at - from), size);
  return true;
}

/* Where the last frame ends that is whole, of those that follow each other from the start of the file. */
static u64 whole_end(void) {
  struct frame frame;
  u32 length;
  u64 at = 0;
  while (at + OVERHEAD < file_size && peek(at, &frame, sizeof frame)) {
    if (frame.length == 0 || frame.zero != 0 || frame.length > file_size - at - OVERHEAD) break;
    if (!peek(at + sizeof frame + frame.length, &length, sizeof length) || length != frame.length) break;
    at += OVERHEAD + (u64)length;
  }
  log_release();
  return at;
}

static bool cut(u64 size) {
  if (size == 0 || SYS(ftruncate, file, size) != 0) return false;
  file_size = size;
  return true;
}

/* A capped log of no bytes keeps nothing, and counts what it drops. */
bool log_is_kept(void) {
  return self.policy->log_bytes != 0 || self.policy->flags & CAPPED;
}

/* What a run has not finished, the next does not go on with. */
void log_begin_run(void) { memset(inside, 0, sizeof inside); }

/* What is no frame from the start on is set aside. */
void log_open(void) {
  if (!log_is_kept()) return;
  open_file();
  if (file >= 0 && !ends_whole() && !cut(whole_end())) rotate();
}

static bool ends_inside(const void *data, u32 size) {
  const u8 *bytes = data;
  return size && bytes[size - 1] != '\n';
}

static bool append(u8 stream, const void *data, u32 size) {
  u8 flags = (inside[stream] ? CONTINUES : 0) | (ends_inside(data, size) ? UNFINISHED : 0);
  struct frame frame = {size, stream, flags, 0, wall_ns()};
  struct part parts[3] = {{&frame, sizeof frame}, {data, size}, {&size, TRAILER}};
  long whole = OVERHEAD + (long)size;
  if (file < 0) open_file();
  if (file < 0) return false;
  long written = SYS(writev, file, parts, 3);
  if (written == whole) {
    file_size += (u64)written;
    return true;
  }
  if (written > 0) SYS(ftruncate, file, file_size);
  return false;
}

static u32 put_decimal(char *at, u64 value) {
  char digits[20];
  u32 count = 0, length = 0;
  do digits[count++] = (char)('0' + value % 10);
  while ((value /= 10) != 0);
  while (count > 0) at[length++] = digits[--count];
  return length;
}

/* What is missing, before the first frame that there is room for again. */
static bool note_gap(void) {
  static const char rest[] = " bytes of output were dropped: the disk was full\n";
  char text[20 + sizeof rest];
  u32 length = put_decimal(text, unreported);
  memcpy(text + length, rest, sizeof rest - 1);
  return append(STREAM_NOTE, text, length + (u32)sizeof rest - 1);
}

/* Both the note and the data, or neither. */
static bool append_after_gap(u8 stream, const void *data, u32 size) {
  u64 before = file_size;
  if (!note_gap()) return false;
  if (append(stream, data, size)) {
    unreported = 0;
    return true;
  }
  SYS(ftruncate, file, before);
  file_size = before;
  return false;
}

/* The part of a chunk below the cap. */
static u32 below_cap(u32 size) {
  u64 kept = self.record.log_written;
  u64 room = self.policy->log_bytes > kept ? self.policy->log_bytes - kept : 0;
  if (size <= room) return size;
  self.record.log_dropped += size - room;
  self.record.flags |= RECORD_OUTPUT;
  if (self.policy->flags & KILL_ON_CAP && !self.stopping) {
    self.stopping = true;
    kill_container();
  }
  return (u32)room;
}

void log_write(u8 stream, const void *data, u32 size) {
  bool capped = self.policy->flags & CAPPED;
  if (!log_is_kept()) return;
  if (capped) size = below_cap(size);
  if (size == 0) return;
  if (!capped && file_size > 0 && file_size + OVERHEAD + size > self.policy->log_bytes) rotate();
  bool kept = unreported ? append_after_gap(stream, data, size) : append(stream, data, size);
  if (kept) {
    self.record.log_written += size;
  } else {
    self.record.log_dropped += size;
    unreported += size;
  }
  inside[stream] = kept && ends_inside(data, size);
}

/* How much is read at once: a frame has to fit into a file. */
static size_t chunk_size(void) {
  u64 most = self.policy->log_bytes;
  if (self.policy->flags & CAPPED || most == 0 || most >= sizeof buffer + OVERHEAD) return sizeof buffer;
  return most > OVERHEAD ? most - OVERHEAD : 1;
}

static void hold(struct source *source, u32 index) {
  unwatch(source->fd);
  watch_room(source->attached, ON_SOURCE, index);
  source->held = true;
}

static void let_go(struct source *source, u32 index) {
  if (!source->held) return;
  unwatch(source->attached);
  if (source->fd >= 0) watch(source->fd, ON_SOURCE, index);
  source->held = false;
}

/* From now on the source is read whether or not anybody else does. */
void log_detach(u32 index) {
  struct source *source = &self.sources[index];
  let_go(source, index);
  close_fd(&source->attached);
}

/* Nothing more is read of the source. A terminal's master may have a second descriptor, which would keep it watched. */
void log_close(u32 index) {
  struct source *source = &self.sources[index];
  let_go(source, index);
  if (source->fd >= 0) unwatch(source->fd);
  close_fd(&source->fd);
}

/* What the source has: POLLIN if there is something to read, POLLHUP alone if there never will be, else nothing. */
static short readiness(int fd) {
  struct pollfd poll = {.fd = fd, .events = POLLIN};
  struct __kernel_timespec now = {0, 0};
  SYS(ppoll, &poll, 1, &now, NULL, 8);
  return poll.revents;
}

/* Copies what is next to the attached reader, and answers how much the log may take: 0 at the end, -EAGAIN when there is nothing
 * for now, be it that the reader's pipe is full. tee(2) takes nothing out of the source, so what finds no room stays where it is,
 * and the container waits as it would for any reader of a pipe. */
static long copy(struct source *source, u32 index) {
  long size = SYS(tee, source->fd, source->attached, chunk_size(), SPLICE_NONBLOCK);
  if (size > 0) return size;
  if (size != 0 && size != -EAGAIN) {
    log_detach(index);
    return (long)chunk_size();
  }
  short ready = readiness(source->fd);
  if (ready & POLLIN) hold(source, index);
  return ready & POLLIN || !(ready & POLLHUP) ? -EAGAIN : 0;
}

/* Reads some bytes of a source, and no more of them than the attached reader has got. */
static long take(struct source *source, u32 index) {
  long size = source->attached < 0 ? (long)chunk_size() : copy(source, index);
  if (size <= 0) return size;
  size = SYS(read, source->fd, buffer, size);
  if (size <= 0) return size;
  if (size > 4096) buffer_touched = true;
  log_write(source->stream, buffer, (u32)size);
  attachments_write(source->stream, buffer, (u32)size);
  return size;
}

/* Reads at least so many bytes of a source, and answers how many; fewer when it has nothing more for now, or for ever. */
u32 log_pump(u32 index, u32 bytes) {
  struct source *source = &self.sources[index];
  u32 done = 0;
  let_go(source, index);
  while (done < bytes && source->fd >= 0) {
    long size = take(source, index);
    if (size == -EINTR) continue;
    if (size == -EAGAIN) break;
    if (size > 0) done += (u32)size;
    else log_close(index);
  }
  return done;
}

void log_release(void) {
  if (buffer_touched) SYS(madvise, buffer, sizeof buffer, MADV_DONTNEED);
  buffer_touched = false;
}
