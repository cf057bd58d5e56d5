/* The exit record: docs/formats.md, *Exit record*. */
#include "supervise.h"

#include <linux/fcntl.h>

static bool write_and_flush(int fd) {
  if (SYS(write, fd, &self.record, sizeof self.record) != (long)sizeof self.record) return false;
  return !(self.policy->flags & DURABLE) || SYS(fsync, fd) == 0;
}

static int open_unpublished(int more) {
  return (int)SYS(openat, FD_RECORD, "exit.tmp", O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC | more, 0600);
}

/* An earlier run's: from here on nobody knows how the container ended until this supervisor says so. It is not overwritten in place,
 * which could bring it back after a power failure. */
void record_forget(void) { SYS(unlinkat, FD_RECORD, "exit", 0); }

/* Takes the space that the record will need, for the disk may be full by then. Not every file system knows fallocate(2). */
void record_reserve(void) {
  int fd = open_unpublished(O_TRUNC);
  if (fd < 0) return;
  if (SYS(fallocate, fd, 0, 0, sizeof self.record) < 0) SYS(write, fd, &(struct record){0}, sizeof self.record);
  SYS(close, fd);
}

/* Where not even that space could be had, clients are told all the same. */
void record_write(void) {
  self.record.magic = 0x58454E50;
  self.record.version = 1;
  self.record.checksum = checksum(&self.record, offsetof(struct record, checksum));
  int fd = open_unpublished(0);
  if (fd < 0) return;
  bool written = write_and_flush(fd);
  SYS(close, fd);
  if (!written || SYS(renameat2, FD_RECORD, "exit.tmp", FD_RECORD, "exit", 0) < 0)
    SYS(unlinkat, FD_RECORD, "exit.tmp", 0);
  else if (self.policy->flags & DURABLE)
    SYS(fsync, FD_RECORD);
}
