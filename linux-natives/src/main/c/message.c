/* Messages with descriptors over unix sockets: unix(7), cmsg(3). */
#include "machine.h"

enum { CONTROL = 16 };

static size_t aligned(size_t length) { return (length + 7) & ~(size_t)7; }

int send_message(int socket, const void *data, size_t size, const int *fds, int count, int flags) {
  _Alignas(8) u8 space[CONTROL + FDS_MAX * sizeof(int)];
  struct vector vector = {(void *)data, size};
  struct message_header header = {.vectors = &vector, .count = 1};
  memset(space, 0, sizeof space);
  if (count > 0) {
    struct control *control = (struct control *)space;
    control->length = CONTROL + (size_t)count * sizeof(int);
    control->level = SOL_SOCKET;
    control->type = SCM_RIGHTS;
    memcpy(control->data, fds, (size_t)count * sizeof(int));
    header.control = space;
    header.control_length = aligned(control->length);
  }
  long sent;
  do sent = SYS(sendmsg, socket, &header, flags | MSG_NOSIGNAL);
  while (sent == -EINTR);
  return sent < 0 ? (int)sent : 0;
}

static void take_descriptors(struct message *message, const struct control *control) {
  size_t count = (control->length - CONTROL) / sizeof(int);
  for (size_t i = 0; i < count; i++) {
    int fd;
    memcpy(&fd, control->data + i * sizeof(int), sizeof fd);
    if (message->count < FDS_MAX)
      message->fds[message->count++] = fd;
    else
      close_fd(&fd);
  }
}

void receive_message(int socket, struct message *message) {
  _Alignas(8) u8 space[2 * CONTROL + FDS_MAX * sizeof(int) + sizeof(struct credentials) + 8];
  struct vector vector = {message->data, sizeof message->data};
  struct message_header header = {
      .vectors = &vector, .count = 1, .control = space, .control_length = sizeof space};
  message->count = 0;
  message->pid = 0;
  do message->size = SYS(recvmsg, socket, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  while (message->size == -EINTR);
  if (message->size < 0) return;
  message->flags = header.flags;
  size_t at = 0;
  while (at + CONTROL <= header.control_length) {
    const struct control *control = (const struct control *)(space + at);
    if (control->length < CONTROL || control->length > header.control_length - at) break;
    if (control->level == SOL_SOCKET && control->type == SCM_RIGHTS) take_descriptors(message, control);
    if (control->level == SOL_SOCKET && control->type == SCM_CREDENTIALS) memcpy(&message->pid, control->data, sizeof(i32));
    at += aligned(control->length);
  }
}

void drop_descriptors(struct message *message, int from) {
  for (int i = from; i < message->count; i++) close_fd(&message->fds[i]);
  if (message->count > from) message->count = from;
}
