/* Sockets that were handed over: ports of the host, and listeners of the router's that take what goes out. */
#include "relay.h"

#include <linux/eventpoll.h>
#include <linux/fcntl.h>

u16 listener_index(const struct listener *listener) { return (u16)(listener - relay.listener); }

static int option(int fd, int name) {
  int value = 0;
  u32 size = sizeof value;
  int result = (int)SYS(getsockopt, fd, SOL_SOCKET, name, &value, &size);
  return result < 0 ? result : value;
}

/* An Internet socket, for datagrams or listening. */
static int judge(int fd, bool *datagrams) {
  int type = option(fd, SO_TYPE), domain = option(fd, SO_DOMAIN);
  if (type < 0) return -type;
  if (domain != AF_INET && domain != AF_INET6) return EAFNOSUPPORT;
  *datagrams = type == SOCK_DGRAM;
  if (*datagrams) return 0;
  if (type != SOCK_STREAM) return EPROTOTYPE;
  return option(fd, SO_ACCEPTCONN) == 1 ? 0 : EINVAL;
}

static struct listener *free_listener(void) {
  for (u32 i = 0; i < LISTENERS_MAX; i++)
    if (relay.listener[i].kind == LISTENER_FREE) return &relay.listener[i];
  return NULL;
}

/* What answers come from must be bound where others are bound already, and where this socket takes all addresses: SO_REUSEADDR. */
static int prepare(struct listener *listener) {
  int yes = 1, result = 0;
  bool v6 = option(listener->fd, SO_DOMAIN) == AF_INET6;
  SYS(fcntl, listener->fd, F_SETFL, O_RDWR | O_NONBLOCK);
  if (!listener->datagrams) tune(listener->fd);
  if (!listener->datagrams || listener->kind != OUTBOUND) return 0;
  SYS(setsockopt, listener->fd, SOL_SOCKET, 2 /* SO_REUSEADDR */, &yes, sizeof yes);
  if (v6) result = (int)SYS(setsockopt, listener->fd, LEVEL_IPV6, IPV6_ORIGDSTADDR, &yes, sizeof yes);
  /* An IPv6 socket may get IPv4 as well. */
  int v4 = (int)SYS(setsockopt, listener->fd, LEVEL_IP, IP_ORIGDSTADDR, &yes, sizeof yes);
  return v6 ? result : v4;
}

int listener_add(u8 kind, const struct relay_request *request, struct message *message, u32 *id) {
  bool datagrams;
  int error = judge(message->fds[0], &datagrams);
  if (error) return error;
  struct listener *listener = free_listener();
  if (!listener) return EAGAIN;
  u32 index = listener_index(listener);
  int result = is_living(message->fds[1]);
  if (result < 0) return -result;
  *listener = (struct listener){
    .kind = kind, .datagrams = datagrams, .id = ++relay.last_id, .fd = message->fds[0], .pidfd = message->fds[1],
    .target = address_of(&request->place), .host = kind == OUTBOUND && request->words[0] & OUTBOUND_HOST,
  };
  result = prepare(listener);
  if (result == 0) result = relay_watch(EPOLL_CTL_ADD, EPOLLIN, listener->fd, R_LISTENER, index);
  if (result == 0) result = relay_watch(EPOLL_CTL_ADD, EPOLLIN, listener->pidfd, R_ENDED, index);
  message->fds[0] = message->fds[1] = -1;
  relay.listeners++;
  *id = listener->id;
  if (result < 0) listener_end((u16)index);
  return -result;
}

void listener_end(u16 index) {
  struct listener *listener = &relay.listener[index];
  flows_of_listener_end(index);
  relay_drop(&listener->fd);
  relay_drop(&listener->pidfd);
  relay.paused -= listener->paused;
  relay.listeners--;
  *listener = (struct listener){.kind = LISTENER_FREE};
}

struct listener *listener_find(u32 id) {
  for (u32 i = 0; i < LISTENERS_MAX; i++)
    if (relay.listener[i].kind != LISTENER_FREE && relay.listener[i].id == id) return &relay.listener[i];
  return NULL;
}

/* Not watched at all: that it has been shut down would be reported whatever it is watched for. */
void listener_pause(struct listener *listener) {
  if (listener->paused) return;
  listener->paused = true;
  relay.paused++;
  relay.retry_at = relay.now + RETRY_MS;
  relay_watch(EPOLL_CTL_DEL, 0, listener->fd, R_LISTENER, 0);
}

void listeners_resume(void) {
  for (u32 i = 0; relay.paused && i < LISTENERS_MAX; i++) {
    struct listener *listener = &relay.listener[i];
    if (!listener->paused) continue;
    listener->paused = false;
    relay.paused--;
    relay_watch(EPOLL_CTL_ADD, EPOLLIN, listener->fd, R_LISTENER, i);
  }
}

static struct address loopback(const struct address *wanted) {
  static const u8 v4[4] = {127, 0, 0, 1};
  struct address to = *wanted;
  memset(to.v6, 0, sizeof to.v6);
  if (to.family == AF_INET)
    memcpy(&to.v4, v4, sizeof v4);
  else
    to.v6[15] = 1;
  to.scope = 0;
  return to;
}

bool listener_leads(const struct listener *listener, const struct address *wanted, struct address *to) {
  *to = listener->target;
  if (listener->kind == PUBLISHED) return to->family != 0;
  bool host = listener->host && same_host(wanted, &listener->target);
  *to = host ? loopback(wanted) : *wanted;
  return host || !is_forbidden(wanted);
}
