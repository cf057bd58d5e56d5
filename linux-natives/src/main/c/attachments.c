/* Clients that see what the container writes, and feed it, as long as they like: docs/formats.md, *Attachments*. Their pipes are all
 * the queue there is: who leaves one full gets nothing more, and the container never waits; what such a client types still counts. */
#include "supervise.h"

#include <asm/ioctls.h>
#include <linux/fcntl.h>

enum { SPLICE_NONBLOCK = 2 /* SPLICE_F_NONBLOCK: splice(2) */ };

static void listen_to(u32 index, bool on) {
  int fd = self.attachments[index].input;
  if (fd < 0) return;
  if (on)
    watch(fd, ON_INPUT, index);
  else
    unwatch(fd);
}

static void listen_to_all(bool on) {
  if (self.listening == on) return;
  self.listening = on;
  for (u32 i = 0; i < ATTACHMENTS_MAX; i++) listen_to(i, on);
}

/* The first who has fed the container may be the last, too. */
static void close_input(struct attachment *attachment) {
  if (attachment->input < 0) return;
  unwatch(attachment->input);
  close_fd(&attachment->input);
  if (self.policy->flags & STDIN_ONCE) end_input();
}

static void close_output(struct attachment *attachment) {
  close_fd(&attachment->output[0]);
  close_fd(&attachment->output[1]);
}

static void detach(struct attachment *attachment) {
  close_input(attachment);
  close_output(attachment);
  attachment->used = false;
}

void attachments_open(void) {
  self.input = self.slave = -1;
  for (int i = 0; i < ATTACHMENTS_MAX; i++) self.attachments[i] = (struct attachment){.input = -1, .output = {-1, -1}};
}

/* What attached clients send goes there from now on. */
static void begin_input(int fd) {
  self.input = fd;
  SYS(fcntl, fd, F_SETFL, O_WRONLY | O_NONBLOCK);
  listen_to_all(true);
}

/* What they send waits in their pipes until there is a next run. */
void end_input(void) {
  listen_to_all(false);
  if (self.input >= 0) unwatch(self.input);
  close_fd(&self.input);
  close_fd(&self.slave);
}

/* A pipe for the container's standard input, of which the supervisor keeps the end that is written. */
int open_input(int *read_end) {
  int ends[2];
  int result = (int)SYS(pipe2, ends, O_CLOEXEC);
  if (result < 0) return result;
  SYS(fchmod, ends[0], 0444);
  begin_input(ends[1]);
  *read_end = ends[0];
  return 0;
}

static void apply_size(void) {
  if (self.sources[TERMINAL].fd >= 0 && self.size.rows) SYS(ioctl, self.sources[TERMINAL].fd, TIOCSWINSZ, &self.size);
}

/* The master comes while the container waits to be executed. That somebody has the slave open, too, lets the container close its
 * terminal and open it again; and the master gets a second descriptor, for it is watched for two things. */
void take_terminal(int master) {
  struct source *source = &self.sources[TERMINAL];
  source->fd = master;
  SYS(fcntl, master, F_SETFL, O_RDWR | O_NONBLOCK);
  apply_size();
  self.slave = (int)SYS(ioctl, master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
  watch(master, ON_SOURCE, TERMINAL);
  int copy = (int)SYS(fcntl, master, F_DUPFD_CLOEXEC, 0);
  if (copy >= 0) begin_input(copy);
}

int attachment_begin(int client, u32 id, u32 rows, u32 columns, struct message *message) {
  if (message->count == 3 && self.policy->flags & STDIN) return ENOTTY; /* somebody else feeds it */
  u32 index = 0;
  while (index < ATTACHMENTS_MAX && self.attachments[index].used) index++;
  if (index == ATTACHMENTS_MAX) return EAGAIN;
  struct attachment *attachment = &self.attachments[index];
  *attachment = (struct attachment){.used = true, .client = client, .id = id, .input = -1};
  for (int i = 0; i < message->count; i++) {
    int *place = i < 2 ? &attachment->output[i] : &attachment->input;
    *place = message->fds[i];
    message->fds[i] = -1;
    if (i == 2) continue;
    SYS(fcntl, *place, F_SETFL, O_WRONLY | O_NONBLOCK);
    SYS(fcntl, *place, F_SETPIPE_SZ, PIPE_SIZE);
  }
  if (self.listening) listen_to(index, true);
  if (rows) terminal_resize(rows, columns);
  return 0;
}

void terminal_resize(u32 rows, u32 columns) {
  self.size = (struct size){(u16)rows, (u16)columns, 0, 0};
  apply_size();
}

/* What it has sent before it asked for that is still the container's. */
int attachment_end(int client, u32 id) {
  for (int i = 0; i < ATTACHMENTS_MAX; i++) {
    struct attachment *attachment = &self.attachments[i];
    if (!attachment->used || attachment->client != client || attachment->id != id) continue;
    attachment_feed((u32)i);
    detach(attachment);
    return 0;
  }
  return ESRCH;
}

/* Whoever is gone is attached no more; without a client (-1) that is everybody. */
void attachments_leave(int client) {
  for (int i = 0; i < ATTACHMENTS_MAX; i++)
    if (self.attachments[i].used && (client < 0 || self.attachments[i].client == client)) detach(&self.attachments[i]);
}

void attachments_write(u8 stream, const void *data, u32 size) {
  for (int i = 0; i < ATTACHMENTS_MAX; i++) {
    struct attachment *attachment = &self.attachments[i];
    if (!attachment->used || attachment->output[0] < 0) continue;
    if (SYS(write, attachment->output[stream == STREAM_STDERR], data, size) == (long)size) continue;
    close_output(attachment);
    tell_lag(attachment->client, attachment->id);
    if (attachment->input < 0) attachment->used = false;
  }
}

/* What finds no room stays in the client's pipe. */
void attachment_feed(u32 index) {
  struct attachment *attachment = &self.attachments[index];
  if (attachment->input < 0 || !self.listening) return;
  long size = SYS(splice, attachment->input, NULL, self.input, NULL, BUFFER, SPLICE_NONBLOCK);
  if (size > 0) return;
  if (size == -EAGAIN) {
    listen_to_all(false);
    watch_room(self.input, ON_ROOM, 0);
  } else if (size == -EPIPE) {
    end_input();
  } else {
    close_input(attachment);
    if (attachment->output[0] < 0) attachment->used = false;
  }
}

void input_has_room(void) {
  if (self.input < 0) return;
  unwatch(self.input);
  listen_to_all(true);
}
