/* Connections, copied both ways. What has come stays in the kernel until the other side has taken it: MSG_PEEK, MSG_TRUNC in recv(2)
 * and tcp(7). Both sides are watched edge by edge, so whoever stops copying does so because one of them said EAGAIN. */
#include "relay.h"

#include <linux/eventpoll.h>
#include <linux/fcntl.h>

enum { EDGES = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET };

/* What is mapped into IPv6 is IPv4. */
static void unmap(struct address *address) {
  static const u8 mapped[12] = {[10] = 0xff, [11] = 0xff};
  if (address->family != AF_INET6 || memcmp(address->v6, mapped, 12) != 0) return;
  address->family = AF_INET;
  memcpy(&address->v4, address->v6 + 12, 4);
}

/* Outbound, where a connection ends in the router is where it was to go. */
static int open_far(const struct listener *listener, int near) {
  struct address wanted = {0}, to;
  u32 size = sizeof wanted;
  int result = listener->kind == OUTBOUND ? (int)SYS(getsockname, near, &wanted, &size) : 0;
  if (result < 0) return result;
  unmap(&wanted);
  if (!listener_leads(listener, &wanted, &to)) return -ECONNREFUSED;
  int fd;
  if (listener->kind == PUBLISHED) {
    fd = inner_flow_socket(to.family, SOCK_STREAM);
  } else {
    fd = (int)SYS(socket, to.family, SOCK_STREAM | O_NONBLOCK | O_CLOEXEC, 0);
    if (fd >= 0) tune(fd);
  }
  if (fd < 0) return fd;
  result = (int)SYS(connect, fd, &to, address_size(&to));
  if (result == 0 || result == -EINPROGRESS) return fd;
  SYS(close, fd);
  return result;
}

static void begin(u16 listener, int near) {
  int far = open_far(&relay.listener[listener], near);
  if (far < 0) {
    relay.refused++;
    reset_socket(near);
    SYS(close, near);
    return;
  }
  struct flow *flow = flow_take(FLOW_STREAM, listener);
  flow->connecting = true;
  flow->fd[NEAR] = near;
  flow->fd[FAR] = far;
  relay.accepted++;
  u32 index = flow_index(flow);
  if (relay_watch(EPOLL_CTL_ADD, EDGES, near, R_NEAR, index) == 0 && relay_watch(EPOLL_CTL_ADD, EDGES, far, R_FAR, index) == 0)
    return;
  flow->broken = true;
  flow_end(flow);
}

void streams_accept(u16 index) {
  struct listener *listener = &relay.listener[index];
  for (int i = 0; i < ACCEPTS_AT_ONCE; i++) {
    if (relay.flows == relay.flows_max) {
      listener_pause(listener);
      return;
    }
    int fd = (int)SYS(accept4, listener->fd, NULL, NULL, O_CLOEXEC | O_NONBLOCK);
    if (fd == -EAGAIN) return;
    if (fd == -EINTR || fd == -ECONNABORTED) continue;
    if (fd < 0) {
      listener_pause(listener);
      return;
    }
    begin(index, fd);
  }
}

static void fail(struct flow *flow) {
  flow->broken = true;
  flow_end(flow);
}

/* A shutdown would break off a connection that is only being made, so nothing is done before. */
static bool is_connected(struct flow *flow) {
  struct address peer;
  u32 size = sizeof peer;
  i32 error = 0;
  if (!flow->connecting) return true;
  if (SYS(getpeername, flow->fd[FAR], &peer, &size) == 0) {
    flow->connecting = false;
    return true;
  }
  size = sizeof error;
  SYS(getsockopt, flow->fd[FAR], SOL_SOCKET, 4 /* SO_ERROR */, &error, &size);
  if (!error) return false;
  relay.refused++;
  fail(flow);
  return false;
}

static long take(int fd, void *to, size_t size, int flags) {
  long got;
  do got = SYS(recvfrom, fd, to, size, flags | MSG_DONTWAIT, NULL, NULL);
  while (got == -EINTR);
  return got;
}

/* Whoever takes nothing more may still have sent something: its direction goes on to its own end. */
static void move(struct flow *flow, enum side from) {
  int source = flow->fd[from], sink = flow->fd[!from];
  u8 bit = (u8)(1 << from);
  for (long moved = 0; !((flow->ended | flow->full) & bit);) {
    if (moved >= TURN) {
      relay_watch(EPOLL_CTL_MOD, EDGES, source, from == NEAR ? R_NEAR : R_FAR, flow_index(flow));
      return;
    }
    long got = take(source, relay.buffer, sizeof relay.buffer, MSG_PEEK);
    if (got == -EAGAIN) return;
    if (got < 0) {
      fail(flow);
      return;
    }
    if (got == 0) {
      flow->ended |= bit;
      SYS(shutdown, sink, SHUT_WR);
      return;
    }
    long sent;
    do sent = SYS(sendto, sink, relay.buffer, got, MSG_DONTWAIT | MSG_NOSIGNAL, NULL, 0);
    while (sent == -EINTR);
    if (sent < 0 && sent != -EAGAIN) {
      flow->ended |= bit;
      flow->broken = true;
      return;
    }
    if (sent < got) flow->full |= bit;
    if (sent < 0) return;
    take(source, relay.buffer, (size_t)sent, MSG_TRUNC);
    relay.bytes[from] += (u64)sent;
    moved += sent;
  }
}

void stream_pump(u16 index, enum side side, u32 events) {
  struct flow *flow = &relay.flow[index];
  if (flow->kind != FLOW_STREAM || !is_connected(flow)) return;
  if (events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) flow->full &= (u8)~(1 << !side);
  for (int from = NEAR; from <= FAR && flow->kind == FLOW_STREAM; from++) move(flow, (enum side)from);
  if (flow->kind == FLOW_STREAM && flow->ended == (1 << NEAR | 1 << FAR)) flow_end(flow);
}
