/* Clients and their frames: docs/formats.md, *Supervisor protocol*. The kernel's socket buffer is a client's queue. */
#include "supervise.h"

#include <linux/fcntl.h>

enum { FRAME_MAX = 512, NS_ANSWER = 0x80 };

struct request {
  u32 type;
  u32 id;
  u32 argument[2];
};

static void disconnect(int index) {
  struct client *client = &self.clients[index];
  close_fd(&client->fd);
  client->waits = client->follows = false;
  attachments_leave(index);
  execs_leave(index);
}

static void add_client(int index, int fd) {
  self.clients[index] = (struct client){.fd = fd};
  watch(fd, ON_CLIENT, (u32)index);
}

void clients_open(void) {
  for (int i = 0; i < CLIENTS_MAX; i++) self.clients[i].fd = -1;
  add_client(0, FD_FIRST_CLIENT);
  if (self.policy->flags & LISTEN) watch(FD_LISTEN, ON_LISTEN, 0);
}

/* Place 0 is the first client's and is never given to another. */
static int free_place(void) {
  for (int i = 1; i < CLIENTS_MAX; i++)
    if (self.clients[i].fd < 0) return i;
  return -1;
}

/* Says why. What the client has sent already is read: closing a socket with something unread in it is a reset for the other end, and
 * it would see that before the frame. After the shutdown nothing more can come. */
static void turn_away(int fd, u32 error) {
  static struct message message;
  u32 frame[5] = {0xE0, 0, error, NO_SECTION, NO_STEP};
  send_message(fd, frame, sizeof frame, NULL, 0, MSG_DONTWAIT);
  SYS(shutdown, fd, SHUT_RDWR);
  do {
    receive_message(fd, &message);
    if (message.size > 0) drop_descriptors(&message, 0);
  } while (message.size > 0);
  SYS(close, fd);
}

int accept_known(int listening, bool room) {
  struct credentials peer;
  u32 size = sizeof peer;
  int fd = (int)SYS(accept4, listening, NULL, NULL, O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return fd;
  bool known = SYS(getsockopt, fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && (long)peer.uid == SYS(geteuid);
  if (room && known) return fd;
  turn_away(fd, known ? EUSERS : EACCES);
  return -EACCES;
}

void client_accept(void) {
  int place = free_place();
  int fd = accept_known(FD_LISTEN, place >= 0);
  if (fd >= 0) add_client(place, fd);
}

static bool send_frame(int index, u32 type, u32 id, const void *payload, size_t size, const int *fds, int count) {
  u8 frame[FRAME_MAX];
  if (index < 0 || self.clients[index].fd < 0) return true;
  memcpy(frame, &type, 4);
  memcpy(frame + 4, &id, 4);
  if (size) memcpy(frame + 8, payload, size);
  return send_message(self.clients[index].fd, frame, 8 + size, fds, count, MSG_DONTWAIT) == 0;
}

void client_answer(int index, u32 type, u32 id, const void *payload, size_t size, const int *fds, int count) {
  if (!send_frame(index, type, id, payload, size, fds, count)) disconnect(index);
}

void client_error(int index, u32 id, u32 error, u32 section, u32 step) {
  u32 payload[3] = {error, section, step};
  client_answer(index, 0xE0, id, payload, sizeof payload, NULL, 0);
}

void tell_first(u32 type, const void *payload, size_t size, const int *fds, int count) {
  client_answer(0, type, 0, payload, size, fds, count);
}

/* Left out when the client's buffer is full: the notices before it, not yet read, lead it to the same bytes. */
void tell_growth(void) {
  for (int i = 0; i < CLIENTS_MAX; i++)
    if (self.clients[i].follows) send_frame(i, 0x98, 0, &self.record.log_written, sizeof(u64), NULL, 0);
}

/* Left out in the same way: such a client learns from the end of its pipes that it is detached, if not why. */
void tell_lag(int client, u32 attachment) { send_frame(client, 0x9A, attachment, NULL, 0, NULL, 0); }

void tell_end(void) {
  for (int i = 0; i < CLIENTS_MAX; i++)
    if (self.clients[i].waits) client_answer(i, 0x96, 0, &self.record, sizeof self.record, NULL, 0);
}

static const struct launch *target(int index, u32 exec) {
  if (exec == 0) return &self.run;
  for (int i = 0; i < EXECS_MAX; i++)
    if (self.execs[i].used && self.execs[i].client == index && self.execs[i].id == exec) return &self.execs[i].launch;
  return NULL;
}

/* Whoever kills the container, or sends it its stop signal, wants it to end: it is not started again. */
static bool ends(u32 signal, u32 exec) { return exec == 0 && (signal == SIGNAL_KILL || signal == self.policy->stop_signal); }

static bool is_between_runs(void) {
  return self.state == STATE_BACKOFF || self.state == STATE_SETUP || (self.state == STATE_DRAINING && wants_restart());
}

/* For whom it was started again it is stopped, whenever that comes of the signal. */
static void give_up_restarts(void) {
  if (self.restart != RESTART_NO) self.record.flags |= RECORD_STOPPED;
  self.restart = RESTART_NO;
}

static int send_signal(int index, u32 signal, u32 exec) {
  const struct launch *launch = target(index, exec);
  if (signal > SIGNALS) return EINVAL;
  if (!launch || !launch->pid || launch->pidfd < 0 || launch->sync >= 0) return ESRCH;
  int error = (int)-SYS(pidfd_send_signal, launch->pidfd, signal, NULL, 0);
  if (error == 0 && ends(signal, exec)) give_up_restarts();
  return error;
}

/* The record is that of the last run that has ended; without a time of its end there is none. */
static void answer_state(int index, u32 id) {
  struct {
    u32 state, restarts;
    u64 started, log_bytes;
    struct record last;
  } payload = {self.state, self.record.restarts, self.record.started, self.record.log_written, self.record};
  int fds[3] = {self.pidfd}, count = 1;
  if (self.state == STATE_RUNNING) {
    fds[count++] = self.run.pidfd;
    if (self.root >= 0) fds[count++] = self.root;
  }
  client_answer(index, 0x87, id, &payload, sizeof payload, fds, count);
}

static void answer_hello(int index, u32 id) {
  struct {
    u32 version, zero;
    u64 build;
  } payload = {1, 0, BUILD_ID};
  client_answer(index, 0x81, id, &payload, sizeof payload, NULL, 0);
}

static int set_policy(u32 restart, u32 most) {
  if (restart > RESTART_UNLESS_STOPPED) return EINVAL;
  self.restart = restart;
  self.restart_max = most;
  return 0;
}

static int start(void) {
  if (self.state != STATE_SETUP || self.opened) return EALREADY;
  open_gate();
  return 0;
}

static int stop(u32 signal, u32 grace) {
  if (signal > SIGNALS) return EINVAL;
  request_stop(signal, grace);
  return 0;
}

enum type { HELLO = 1, START, EXEC, SIGNAL, STOP, WAIT, STATE, FOLLOW, POLICY, ATTACH, RESIZE, DETACH, LEAVE, TYPES };

/* Arguments of four bytes each that the type takes. */
static const u8 arguments[TYPES] = {[HELLO] = 1, [EXEC] = 1, [SIGNAL] = 2, [STOP] = 2, [POLICY] = 2,
                                    [ATTACH] = 2, [RESIZE] = 2, [DETACH] = 1, [LEAVE] = 1};

static void serve(int index, const struct request *request, struct message *message) {
  int error = 0;
  u32 a = request->argument[0], b = request->argument[1];
  switch (request->type) {
    case HELLO: answer_hello(index, request->id); return;
    case EXEC: exec_start(index, request->id, a, message); return;
    case STATE: answer_state(index, request->id); return;
    case WAIT: self.clients[index].waits = true; return;
    case START: error = start(); break;
    case SIGNAL:
      if (ends(a, b) && is_between_runs()) {
        client_answer(index, NS_ANSWER | SIGNAL, request->id, NULL, 0, NULL, 0);
        call_off_restart();
        return;
      }
      error = send_signal(index, a, b);
      break;
    case FOLLOW: self.clients[index].follows = true; break;
    case POLICY:
      error = set_policy(a, b);
      if (error == 0 && self.state == STATE_BACKOFF && !wants_restart()) {
        client_answer(index, NS_ANSWER | POLICY, request->id, NULL, 0, NULL, 0);
        call_off_restart();
        return;
      }
      break;
    case ATTACH: error = attachment_begin(index, request->id, a, b, message); break;
    case RESIZE: terminal_resize(a, b); break;
    case DETACH: error = attachment_end(index, a); break;
    case LEAVE: error = exec_leave(index, a, message); break;
    default: /* STOP */
      if (a > SIGNALS) {
        error = EINVAL;
        break;
      }
      client_answer(index, NS_ANSWER | STOP, request->id, NULL, 0, NULL, 0);
      stop(a, b);
      return;
  }
  if (error)
    client_error(index, request->id, (u32)error, NO_SECTION, NO_STEP);
  else
    client_answer(index, NS_ANSWER | request->type, request->id, NULL, 0, NULL, 0);
}

/* Of an exec: plan, stdin, stdout and stderr; of an attachment: where output goes, and where input comes from if it sends any; of an
 * exec that is left: the text of an event, and its terminal if it has one. */
static bool descriptors_fit(u32 type, int count) {
  if (type == ATTACH) return count == 2 || count == 3;
  if (type == LEAVE) return count == 1 || count == 2;
  return count == (type == EXEC ? 4 : 0);
}

/* Refuses what is malformed, with a length that is not the type's, or with descriptors that were not asked for. */
static int refuse(const struct request *request, const struct message *message) {
  if (message->flags & (MSG_TRUNC | MSG_CTRUNC) || message->size > FRAME_MAX) return E2BIG;
  if (request->type == 0 || request->type >= TYPES) return ENOSYS;
  if (message->size != 8 + 4 * arguments[request->type]) return EINVAL;
  if (!descriptors_fit(request->type, message->count)) return EINVAL;
  return 0;
}

void client_read(u32 index) {
  static struct message message;
  struct request request = {0};
  if (self.clients[index].fd < 0) return;
  receive_message(self.clients[index].fd, &message);
  if (message.size == -EAGAIN) return;
  if (message.size < 8) {
    if (message.size >= 0) drop_descriptors(&message, 0);
    disconnect((int)index);
    return;
  }
  memcpy(&request, message.data, (size_t)message.size < sizeof request ? (size_t)message.size : sizeof request);
  int error = refuse(&request, &message);
  if (error)
    client_error((int)index, request.id, (u32)error, NO_SECTION, NO_STEP);
  else
    serve((int)index, &request, &message);
  drop_descriptors(&message, 0);
}
