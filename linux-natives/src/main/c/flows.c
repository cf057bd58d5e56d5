/* Connections, and what takes their place among datagrams: a table, and the list of what is free in it. */
#include "relay.h"

u16 flow_index(const struct flow *flow) { return (u16)(flow - relay.flow); }

struct flow *flow_take(u8 kind, u16 listener) {
  if (relay.flows == relay.flows_max) return NULL;
  if (kind == FLOW_DATAGRAM && relay.datagrams == relay.flows_max / 2) return NULL;
  u16 link = relay.free;
  if (link)
    relay.free = relay.flow[link - 1].next;
  else
    link = ++relay.used;
  struct flow *flow = &relay.flow[link - 1];
  *flow = (struct flow){.kind = kind, .listener = listener, .fd = {-1, -1}};
  relay.flows++;
  relay.datagrams += kind == FLOW_DATAGRAM;
  return flow;
}

void reset_socket(int fd) {
  struct {
    i32 on, seconds;
  } at_once = {1, 0};
  SYS(setsockopt, fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

void flow_end(struct flow *flow) {
  if (flow->kind == FLOW_DATAGRAM) datagram_forget(flow);
  relay.datagrams -= flow->kind == FLOW_DATAGRAM;
  for (int side = NEAR; side <= FAR; side++) {
    if (flow->kind == FLOW_STREAM && flow->broken) reset_socket(flow->fd[side]);
    close_fd(&flow->fd[side]);
  }
  flow->kind = FLOW_DEAD;
  flow->next = relay.dead;
  relay.dead = (u16)(flow_index(flow) + 1);
}

void flows_of_listener_end(u16 listener) {
  for (u16 i = 0; i < relay.used; i++) {
    struct flow *flow = &relay.flow[i];
    if (flow->kind < FLOW_STREAM || flow->listener != listener) continue;
    flow->broken = true;
    flow_end(flow);
  }
}

bool flows_bury(void) {
  bool any = relay.dead != 0;
  while (relay.dead) {
    struct flow *flow = &relay.flow[relay.dead - 1];
    u16 link = relay.dead;
    relay.dead = flow->next;
    flow->kind = FLOW_FREE;
    flow->next = relay.free;
    relay.free = link;
    relay.flows--;
  }
  return any;
}
