/* The relay of a router: docs/formats.md, *Relay protocol*; docs/decisions/0013-relay.md. */
#ifndef RELAY_H
#define RELAY_H

#include "machine.h"

enum { RELAY_LISTEN = 3, RELAY_FIRST_CLIENT = 4, RELAY_NET = 5, RELAY_USER = 6, RELAY_LOCK = 7, RELAY_FIRST_FREE = 8 };

enum {
  FLOWS_MAX = 4096, DATAGRAMS_MAX = 2048, LISTENERS_MAX = 512, HOLDERS_MAX = 1024, RELAY_CLIENTS_MAX = 64, POOL = FDS_MAX,
  RELAY_BUFFER = 256 * 1024, TURN = 1 << 20, DATAGRAMS_AT_ONCE = 64, ACCEPTS_AT_ONCE = 64,
  REPLIED_MS = 60 * 1000, UNREPLIED_MS = 30 * 1000, TICK_MS = 1000, RETRY_MS = 100,
};

/* Sockets, which the kernel's exported headers leave to the C library: ip(7), tcp(7), socket(7). */
enum {
  AF_INET = 2, AF_INET6 = 10, SOCK_STREAM = 1, SOCK_DGRAM = 2,
  SO_TYPE = 3, SO_KEEPALIVE = 9, SO_LINGER = 13, SO_ACCEPTCONN = 30, SO_DOMAIN = 39,
  TCP_NODELAY = 1, TCP_KEEPIDLE = 4, TCP_KEEPINTVL = 5, TCP_SYNCNT = 7, LEVEL_TCP = 6, LEVEL_IP = 0, LEVEL_IPV6 = 41,
  IP_TRANSPARENT = 19, IP_ORIGDSTADDR = 20, IPV6_ORIGDSTADDR = 74, IPV6_TRANSPARENT = 75,
  SHUT_WR = 1, MSG_PEEK = 2,
};

/* struct sockaddr_in, and from `v6` on, where the first four bytes are its flow, sockaddr_in6. */
struct address {
  u16 family;
  u16 port; /* big-endian */
  u32 v4;   /* big-endian */
  u8 v6[16];
  u32 scope;
};
_Static_assert(sizeof(struct address) == 28, "the kernel's");

/* An address in a frame. */
struct place {
  u16 family; /* 2, 10, or 0 for none */
  u16 port;
  u32 scope;
  u8 bytes[16];
};
_Static_assert(sizeof(struct place) == 24, "the format");

enum relay_type {
  RELAY_HELLO = 1, RELAY_HOLD, RELAY_NAMESPACE, RELAY_SOCKET, RELAY_PUBLISH, RELAY_UNPUBLISH, RELAY_RETARGET, RELAY_STATE,
  RELAY_OUTBOUND, RELAY_TYPES,
};

enum { RETARGET_RESETS = 1, OUTBOUND_HOST = 1 };

struct relay_request {
  u32 type;
  u32 id;
  u32 words[4];
  struct place place;
};

/* relay_request.c: 0, or errno where the frame is not one that a client may send */
int relay_decode(struct relay_request *request, const u8 *bytes, size_t size, int descriptors);
/* Of a place, which is valid, and the kernel's size of it. */
struct address address_of(const struct place *place);
u32 address_size(const struct address *address);
bool same_host(const struct address *a, const struct address *b);
/* Whether that must not be dialled from the host. */
bool is_forbidden(const struct address *address);

enum flow_kind { FLOW_FREE, FLOW_DEAD, FLOW_STREAM, FLOW_DATAGRAM };
enum side { NEAR, FAR }; /* who began, and where it leads */

struct flow {
  u8 kind;
  u8 ended;        /* bit d: nothing comes any more from side d */
  u8 full;         /* bit d: what comes from side d finds no room at the other */
  bool connecting;
  bool replied;
  bool broken;     /* the end is a reset */
  u16 listener;
  u16 next;        /* in the list of free or of dead ones, or of those of one bucket; here as elsewhere 1 + index, 0 is the end */
  int fd[2];
  u64 seen;        /* datagrams: monotonic ms */
  struct address peer;
  struct address wanted; /* outbound datagrams: where the peer has sent them */
};

enum listener_kind { LISTENER_FREE, PUBLISHED, OUTBOUND };

struct listener {
  u8 kind;
  bool datagrams;
  bool paused;
  bool host;       /* outbound: `place` is the host */
  u32 id;
  int fd;
  int pidfd;
  struct address target; /* family 0: none */
};

struct relay_client {
  int fd; /* -1: free */
  bool holds;
};

struct relay {
  int epoll;
  int pidfd;
  int net;
  int user;             /* -1: none */
  int inner;            /* to the child in the router */
  u64 now, retry_at, expire_at;
  u32 flows, datagrams, listeners, holders, flows_max, paused, last_id;
  u16 used, free, dead; /* used: flows that have ever been; the rest is memory that nobody has touched */
  u64 accepted, refused, dropped, bytes[2];
  struct relay_client clients[RELAY_CLIENTS_MAX];
  int holder[HOLDERS_MAX]; /* pidfds; 0: free */
  struct {
    int count;
    int fds[POOL];
  } pool[4];
  struct listener listener[LISTENERS_MAX];
  u16 bucket[FLOWS_MAX];
  struct flow flow[FLOWS_MAX];
  _Alignas(64) u8 buffer[RELAY_BUFFER];
};
extern struct relay relay;

enum relay_event { R_LISTEN, R_CLIENT, R_HOLDER, R_INNER, R_LISTENER, R_ENDED, R_NEAR, R_FAR };

/* relay.c */
/* Descriptor 3 of a relay listens, which a plan cannot; so do those of 5 to 7 that it was not given, for something must be there: the
 * JVM's own descriptors are not all close-on-exec. */
bool is_listening(int fd);
NORETURN void relay_begin(void);
int relay_watch(int operation, u32 what, int fd, enum relay_event event, u32 index);
/* Descriptors that somebody else has too stay watched after they are closed, unless they are taken out. */
void relay_drop(int *fd);

/* relay_clients.c */
void relay_client_add(int fd, bool holds);
bool relay_client_accept(void);
bool relay_client_read(u32 index);
void relay_holder_gone(u32 index);
bool relay_is_held(void);
/* 0, or -errno: no pidfd, or of a process that has ended. */
int is_living(int pidfd);
/* An event may be of whoever had this place before, earlier in the same round. */
bool has_ended(int pidfd);

/* inner.c: sockets in the router, made by a child there */
enum stage { STAGE_PROCESS = 1, STAGE_USER, STAGE_NET };
/* 0, or -errno and what has failed */
int inner_begin(u32 *stage);
int inner_socket(i32 domain, i32 type, i32 protocol);
/* For a flow, from a small pool. */
int inner_flow_socket(u16 family, i32 type);
void tune(int fd);

/* flows.c */
struct flow *flow_take(u8 kind, u16 listener);
u16 flow_index(const struct flow *flow);
void flow_end(struct flow *flow);
/* Makes its close a reset. */
void reset_socket(int fd);
void flows_of_listener_end(u16 listener);
/* Places of flows that have ended are free from here on: events that are still to be served are not those of the next flow there. */
bool flows_bury(void);

/* listeners.c */
int listener_add(u8 kind, const struct relay_request *request, struct message *message, u32 *id);
void listener_end(u16 index);
struct listener *listener_find(u32 id);
u16 listener_index(const struct listener *listener);
void listener_pause(struct listener *listener);
void listeners_resume(void);
/* Where what was meant for `wanted` goes; false: nowhere. */
bool listener_leads(const struct listener *listener, const struct address *wanted, struct address *to);

/* streams.c */
void streams_accept(u16 listener);
void stream_pump(u16 index, enum side side, u32 events);

/* datagrams.c */
void datagrams_receive(u16 listener);
void datagrams_answer(u16 index, enum side side);
void datagrams_expire(void);
void datagram_forget(struct flow *flow);

#endif
