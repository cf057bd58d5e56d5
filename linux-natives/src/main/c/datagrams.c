/* Datagrams: a flow for each address that sends some, and, outbound, for each that it sends them to. */
#include "relay.h"

#include <linux/eventpoll.h>
#include <linux/fcntl.h>

static u32 hash(u16 listener, const struct address *peer, const struct address *wanted) {
  const struct address *both[2] = {peer, wanted};
  u32 sum = listener + 2166136261U;
  for (int i = 0; i < 2; i++)
    for (size_t at = 0; at < sizeof *peer; at++) sum = (sum ^ ((const u8 *)both[i])[at]) * 16777619U;
  return (sum ^ sum >> 16) % FLOWS_MAX;
}

static u16 *bucket_of(const struct flow *flow) { return &relay.bucket[hash(flow->listener, &flow->peer, &flow->wanted)]; }

static struct flow *find(u16 listener, const struct address *peer, const struct address *wanted) {
  u16 link = relay.bucket[hash(listener, peer, wanted)];
  for (; link; link = relay.flow[link - 1].next) {
    struct flow *flow = &relay.flow[link - 1];
    if (flow->listener == listener && memcmp(&flow->peer, peer, sizeof *peer) == 0 && memcmp(&flow->wanted, wanted, sizeof *wanted) == 0)
      return flow;
  }
  return NULL;
}

/* Not all flows of the kind are in a bucket: one that could not be opened is not yet. */
void datagram_forget(struct flow *flow) {
  for (u16 *link = bucket_of(flow); *link; link = &relay.flow[*link - 1].next)
    if (*link == flow_index(flow) + 1) {
      *link = flow->next;
      return;
    }
}

/* Of an address in a message the kernel fills what its family has. */
static void tidy(struct address *address) {
  struct address clean = {.family = address->family, .port = address->port};
  if (address->family == AF_INET) {
    clean.v4 = address->v4;
  } else {
    memcpy(clean.v6, address->v6, sizeof clean.v6);
    clean.scope = address->scope;
  }
  *address = clean;
}

static void read_wanted(const u8 *space, size_t length, struct address *wanted) {
  for (size_t at = 0; at + sizeof(struct control) <= length;) {
    const struct control *control = (const struct control *)(space + at);
    if (control->length < sizeof *control || control->length > length - at) return;
    size_t size = control->length - sizeof *control;
    bool v4 = control->level == LEVEL_IP && control->type == IP_ORIGDSTADDR;
    bool v6 = control->level == LEVEL_IPV6 && control->type == IPV6_ORIGDSTADDR;
    if (v4 || v6) memcpy(wanted, control->data, size < sizeof *wanted ? size : sizeof *wanted);
    at += (control->length + 7) & ~(size_t)7;
  }
}

static long receive(int fd, struct address *peer, struct address *wanted) {
  _Alignas(8) u8 space[128];
  struct vector vector = {relay.buffer, sizeof relay.buffer};
  *peer = *wanted = (struct address){0};
  struct message_header header = {
    .name = peer, .name_length = sizeof *peer, .vectors = &vector, .count = 1, .control = space, .control_length = sizeof space,
  };
  long size = SYS(recvmsg, fd, &header, MSG_DONTWAIT);
  if (size < 0) return size;
  read_wanted(space, header.control_length, wanted);
  tidy(peer);
  tidy(wanted);
  return size;
}

/* Answers come from where the peer has sent to, though that address is not the router's: IP_TRANSPARENT in ip(7). */
static int open_near(const struct flow *flow) {
  int yes = 1, fd = inner_flow_socket(flow->wanted.family, SOCK_DGRAM);
  if (fd < 0) return fd;
  bool v6 = flow->wanted.family == AF_INET6;
  SYS(setsockopt, fd, SOL_SOCKET, 2 /* SO_REUSEADDR */, &yes, sizeof yes);
  SYS(setsockopt, fd, v6 ? LEVEL_IPV6 : LEVEL_IP, v6 ? IPV6_TRANSPARENT : IP_TRANSPARENT, &yes, sizeof yes);
  int result = (int)SYS(bind, fd, &flow->wanted, address_size(&flow->wanted));
  if (result == 0) result = (int)SYS(connect, fd, &flow->peer, address_size(&flow->peer));
  if (result == 0) return fd;
  SYS(close, fd);
  return result;
}

static bool open_sides(struct flow *flow, const struct listener *listener) {
  struct address to;
  u32 index = flow_index(flow);
  if (!listener_leads(listener, &flow->wanted, &to)) return false;
  if (listener->kind == PUBLISHED)
    flow->fd[FAR] = inner_flow_socket(to.family, SOCK_DGRAM);
  else
    flow->fd[FAR] = (int)SYS(socket, to.family, SOCK_DGRAM | O_NONBLOCK | O_CLOEXEC, 0);
  if (flow->fd[FAR] < 0 || SYS(connect, flow->fd[FAR], &to, address_size(&to)) < 0) return false;
  if (relay_watch(EPOLL_CTL_ADD, EPOLLIN, flow->fd[FAR], R_FAR, index) < 0) return false;
  if (listener->kind == PUBLISHED) return true;
  flow->fd[NEAR] = open_near(flow);
  return flow->fd[NEAR] >= 0 && relay_watch(EPOLL_CTL_ADD, EPOLLIN, flow->fd[NEAR], R_NEAR, index) == 0;
}

static struct flow *begin(u16 listener, const struct address *peer, const struct address *wanted) {
  struct flow *flow = flow_take(FLOW_DATAGRAM, listener);
  if (!flow) return NULL;
  flow->peer = *peer;
  flow->wanted = *wanted;
  if (!open_sides(flow, &relay.listener[listener])) {
    relay.refused++;
    flow_end(flow);
    return NULL;
  }
  u16 *bucket = bucket_of(flow);
  flow->next = *bucket;
  *bucket = (u16)(flow_index(flow) + 1);
  relay.accepted++;
  return flow;
}

static void pass(struct flow *flow, enum side from, long size, long sent) {
  flow->seen = relay.now;
  flow->replied |= from == FAR;
  if (sent == size)
    relay.bytes[from] += (u64)size;
  else
    relay.dropped++;
}

void datagrams_receive(u16 index) {
  struct listener *listener = &relay.listener[index];
  struct address peer, wanted;
  for (int i = 0; i < DATAGRAMS_AT_ONCE; i++) {
    long size = receive(listener->fd, &peer, &wanted);
    if (size == -EAGAIN) return;
    if (size < 0) continue; /* what an earlier answer has met with: icmp(7) */
    struct flow *flow = find(index, &peer, &wanted);
    if (!flow) flow = begin(index, &peer, &wanted);
    if (flow)
      pass(flow, NEAR, size, SYS(sendto, flow->fd[FAR], relay.buffer, size, MSG_DONTWAIT | MSG_NOSIGNAL, NULL, 0));
    else
      relay.dropped++;
  }
}

/* Before it was connected, a near socket may have got what others have sent. */
static bool is_from(const struct flow *flow, enum side from, const struct address *sender) {
  return from == FAR || memcmp(&flow->peer, sender, sizeof *sender) == 0;
}

void datagrams_answer(u16 index, enum side from) {
  struct flow *flow = &relay.flow[index];
  const struct listener *listener = &relay.listener[flow->listener];
  struct address sender, unused;
  if (flow->kind != FLOW_DATAGRAM) return;
  bool published = listener->kind == PUBLISHED;
  int to = from == NEAR ? flow->fd[FAR] : published ? listener->fd : flow->fd[NEAR];
  const struct address *peer = published ? &flow->peer : NULL;
  for (int i = 0; i < DATAGRAMS_AT_ONCE; i++) {
    long size = receive(flow->fd[from], &sender, &unused);
    if (size == -EAGAIN) return;
    if (size < 0) continue; /* as the target is not there */
    if (!is_from(flow, from, &sender)) continue;
    pass(flow, from, size,
         SYS(sendto, to, relay.buffer, size, MSG_DONTWAIT | MSG_NOSIGNAL, peer, peer ? address_size(peer) : 0));
  }
}

void datagrams_expire(void) {
  if (!relay.datagrams || relay.now < relay.expire_at) return;
  relay.expire_at = relay.now + TICK_MS;
  for (u16 i = 0; i < relay.used; i++) {
    struct flow *flow = &relay.flow[i];
    if (flow->kind != FLOW_DATAGRAM) continue;
    if (relay.now - flow->seen >= (flow->replied ? REPLIED_MS : UNREPLIED_MS)) flow_end(flow);
  }
}
