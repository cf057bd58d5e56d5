/* Clients of a relay and what they ask for: docs/formats.md, *Relay protocol*. */
#include "relay.h"
#include "supervise.h"

#include <linux/eventpoll.h>
#include <linux/poll.h>
#include <linux/time_types.h>

enum { ANSWER = 0x80, ERROR = 0xE0 };

static void disconnect(struct relay_client *client) {
  relay_drop(&client->fd);
  client->holds = false;
}

static void answer_with(struct relay_client *client, u32 type, u32 id, const void *payload, size_t size, const int *fds, int count) {
  u8 frame[128];
  memcpy(frame, &type, 4);
  memcpy(frame + 4, &id, 4);
  if (size) memcpy(frame + 8, payload, size);
  if (send_message(client->fd, frame, 8 + size, fds, count, MSG_DONTWAIT) < 0) disconnect(client);
}

static void refuse(struct relay_client *client, u32 id, u32 error) {
  u32 payload[3] = {error, NO_SECTION, NO_STEP};
  answer_with(client, ERROR, id, payload, sizeof payload, NULL, 0);
}

void relay_client_add(int fd, bool holds) {
  u32 index = 0;
  while (index < RELAY_CLIENTS_MAX - 1 && relay.clients[index].fd >= 0) index++;
  relay.clients[index] = (struct relay_client){fd, holds};
  relay_watch(EPOLL_CTL_ADD, EPOLLIN, fd, R_CLIENT, index);
}

static bool has_room(void) {
  for (u32 i = 0; i < RELAY_CLIENTS_MAX; i++)
    if (relay.clients[i].fd < 0) return true;
  return false;
}

bool relay_client_accept(void) {
  int fd = accept_known(RELAY_LISTEN, has_room());
  if (fd >= 0) relay_client_add(fd, false);
  return fd >= 0;
}

bool relay_is_held(void) {
  for (u32 i = 0; i < RELAY_CLIENTS_MAX; i++)
    if (relay.clients[i].holds) return true;
  return relay.holders > 0;
}

int is_living(int pidfd) {
  int result = (int)SYS(pidfd_send_signal, pidfd, 0, NULL, 0);
  return result == -EPERM ? 0 : result;
}

bool has_ended(int pidfd) {
  struct pollfd poll = {.fd = pidfd, .events = POLLIN};
  struct __kernel_timespec now = {0, 0};
  return SYS(ppoll, &poll, 1, &now, NULL, 8) > 0;
}

static int hold(struct relay_client *client, struct message *message) {
  if (message->count == 0) {
    client->holds = true;
    return 0;
  }
  int result = is_living(message->fds[0]);
  if (result < 0) return -result;
  for (u32 i = 0; i < HOLDERS_MAX; i++) {
    if (relay.holder[i]) continue;
    result = relay_watch(EPOLL_CTL_ADD, EPOLLIN, message->fds[0], R_HOLDER, i);
    if (result < 0) return -result;
    relay.holder[i] = message->fds[0];
    relay.holders++;
    message->fds[0] = -1;
    return 0;
  }
  return EAGAIN;
}

void relay_holder_gone(u32 index) {
  if (!relay.holder[index] || !has_ended(relay.holder[index])) return;
  relay_drop(&relay.holder[index]);
  relay.holder[index] = 0;
  relay.holders--;
}

static void answer_hello(struct relay_client *client, u32 id) {
  struct {
    u32 version, zero;
    u64 build;
  } payload = {1, 0, BUILD_ID};
  answer_with(client, ANSWER | RELAY_HELLO, id, &payload, sizeof payload, NULL, 0);
}

static void answer_namespace(struct relay_client *client, u32 id) {
  int fds[2] = {relay.net, relay.user};
  answer_with(client, ANSWER | RELAY_NAMESPACE, id, NULL, 0, fds, relay.user < 0 ? 1 : 2);
}

static void answer_state(struct relay_client *client, u32 id) {
  struct {
    u32 flows, datagrams, flows_max, listeners, holders, zero;
    u64 accepted, refused, dropped, in, out;
  } payload = {relay.flows, relay.datagrams, relay.flows_max, relay.listeners, relay.holders, 0,
               relay.accepted, relay.refused, relay.dropped, relay.bytes[NEAR], relay.bytes[FAR]};
  answer_with(client, ANSWER | RELAY_STATE, id, &payload, sizeof payload, NULL, 0);
}

static void answer_socket(struct relay_client *client, const struct relay_request *request) {
  int fd = inner_socket((i32)request->words[0], (i32)request->words[1], (i32)request->words[2]);
  if (fd < 0) {
    refuse(client, request->id, (u32)-fd);
    return;
  }
  answer_with(client, ANSWER | RELAY_SOCKET, request->id, NULL, 0, &fd, 1);
  SYS(close, fd);
}

static void answer_listener(struct relay_client *client, const struct relay_request *request, struct message *message) {
  u32 id[2] = {0, 0};
  u8 kind = request->type == RELAY_PUBLISH ? PUBLISHED : OUTBOUND;
  int error = listener_add(kind, request, message, id);
  if (error)
    refuse(client, request->id, (u32)error);
  else
    answer_with(client, ANSWER | request->type, request->id, id, sizeof id, NULL, 0);
}

static int unpublish(u32 id) {
  const struct listener *listener = listener_find(id);
  if (!listener) return ESRCH;
  listener_end(listener_index(listener));
  return 0;
}

static int retarget(const struct relay_request *request) {
  struct listener *listener = listener_find(request->words[0]);
  if (!listener || listener->kind != PUBLISHED) return ESRCH;
  listener->target = address_of(&request->place);
  /* A flow of datagrams has no end of its own that a new target would wait for. */
  if (listener->datagrams || request->words[1] & RETARGET_RESETS) flows_of_listener_end(listener_index(listener));
  return 0;
}

static void serve(struct relay_client *client, const struct relay_request *request, struct message *message) {
  int error = 0;
  switch (request->type) {
    case RELAY_HELLO: answer_hello(client, request->id); return;
    case RELAY_NAMESPACE: answer_namespace(client, request->id); return;
    case RELAY_SOCKET: answer_socket(client, request); return;
    case RELAY_STATE: answer_state(client, request->id); return;
    case RELAY_PUBLISH:
    case RELAY_OUTBOUND: answer_listener(client, request, message); return;
    case RELAY_HOLD: error = hold(client, message); break;
    case RELAY_UNPUBLISH: error = unpublish(request->words[0]); break;
    default: error = retarget(request); break;
  }
  if (error)
    refuse(client, request->id, (u32)error);
  else
    answer_with(client, ANSWER | request->type, request->id, NULL, 0, NULL, 0);
}

/* Whether something was read. */
bool relay_client_read(u32 index) {
  static struct message message;
  struct relay_request request;
  struct relay_client *client = &relay.clients[index];
  if (client->fd < 0) return false;
  receive_message(client->fd, &message);
  if (message.size == -EAGAIN) return false;
  if (message.size < 8) {
    if (message.size >= 0) drop_descriptors(&message, 0);
    disconnect(client);
    return true;
  }
  int error = relay_decode(&request, message.data, (size_t)message.size, message.count);
  if (message.flags & (MSG_TRUNC | MSG_CTRUNC)) error = E2BIG;
  if (error)
    refuse(client, request.id, (u32)error);
  else
    serve(client, &request, &message);
  drop_descriptors(&message, 0);
  return true;
}
