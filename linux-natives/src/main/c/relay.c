/* The launcher's third mode: it starts, and serves until nobody holds it. */
#include "relay.h"
#include "supervise.h"

#include <linux/eventpoll.h>
#include <linux/fcntl.h>
#include <linux/prctl.h>
#include <linux/resource.h>
#include <linux/sched.h>

struct relay relay;

enum { EVENTS_AT_ONCE = 128 };

bool is_listening(int fd) {
  int listens = 0;
  u32 size = sizeof listens;
  return SYS(getsockopt, fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 && listens;
}

int relay_watch(int operation, u32 what, int fd, enum relay_event event, u32 index) {
  struct epoll_event interest = {.events = what, .data = (u64)event << 32 | index};
  return (int)SYS(epoll_ctl, relay.epoll, operation, fd, &interest);
}

void relay_drop(int *fd) {
  relay_watch(EPOLL_CTL_DEL, 0, *fd, R_CLIENT, 0);
  close_fd(fd);
}

static NORETURN void fail(u32 stage, int error) {
  u32 frame[4] = {0xA2, 0, (u32)error, stage};
  send_message(RELAY_FIRST_CLIENT, frame, sizeof frame, NULL, 0, MSG_DONTWAIT);
  leave(1);
}

/* Two descriptors a flow, and as many again for all the rest. */
static u32 flows_for(u64 descriptors) { return descriptors / 4 < FLOWS_MAX ? (u32)(descriptors / 4) : FLOWS_MAX; }

static void raise_limit(void) {
  struct rlimit64 limit = {0, 0};
  SYS(prlimit64, 0, RLIMIT_NOFILE, NULL, &limit);
  limit.rlim_cur = limit.rlim_max;
  SYS(prlimit64, 0, RLIMIT_NOFILE, &limit, NULL);
  relay.flows_max = flows_for(limit.rlim_cur);
}

static void on_listener(u16 index) {
  const struct listener *listener = &relay.listener[index];
  if (listener->kind == LISTENER_FREE || listener->paused) return;
  if (listener->datagrams)
    datagrams_receive(index);
  else
    streams_accept(index);
}

static void on_ended(u16 index) {
  if (relay.listener[index].kind != LISTENER_FREE && has_ended(relay.listener[index].pidfd)) listener_end(index);
}

static void on_flow(u16 index, enum side side, u32 events) {
  if (relay.flow[index].kind == FLOW_DATAGRAM)
    datagrams_answer(index, side);
  else
    stream_pump(index, side, events);
}

static void dispatch(u64 data, u32 events) {
  u32 index = (u32)data;
  switch (data >> 32) {
    case R_LISTEN: relay_client_accept(); break;
    case R_CLIENT: relay_client_read(index); break;
    case R_HOLDER: relay_holder_gone(index); break;
    case R_INNER: leave(1); /* it says nothing of its own accord: it is dead */
    case R_LISTENER: on_listener((u16)index); break;
    case R_ENDED: on_ended((u16)index); break;
    case R_NEAR: on_flow((u16)index, NEAR, events); break;
    default: on_flow((u16)index, FAR, events); break;
  }
}

/* Somebody may just have come who wants to hold it. */
static void leave_unless_held(void) {
  if (relay_is_held()) return;
  while (relay_client_accept()) continue;
  for (u32 i = 0; i < RELAY_CLIENTS_MAX; i++)
    while (relay_client_read(i)) continue;
  if (!relay_is_held()) leave(0);
}

static NORETURN void serve(void) {
  static struct epoll_event events[EVENTS_AT_ONCE];
  for (;;) {
    long wait = relay.paused ? RETRY_MS : relay.datagrams ? TICK_MS : -1;
    long count = SYS(epoll_pwait, relay.epoll, events, EVENTS_AT_ONCE, wait, NULL, 8);
    relay.now = monotonic_ms();
    for (long i = 0; i < count; i++) dispatch(events[i].data, events[i].events);
    datagrams_expire();
    if (flows_bury() || relay.now >= relay.retry_at) listeners_resume();
    leave_unless_held();
  }
}

static NORETURN void run(void) {
  u32 stage, started[2] = {0xA1, 0};
  SYS(setsid);
  SYS(prctl, PR_SET_NAME, "pinnace-relay");
  raise_limit();
  int result = inner_begin(&stage);
  if (result < 0) fail(stage, -result);
  SYS(prctl, PR_SET_DUMPABLE, 0);
  relay.epoll = (int)SYS(epoll_create1, EPOLL_CLOEXEC);
  long pid = SYS(getpid);
  relay.pidfd = (int)SYS(pidfd_open, pid, 0);
  if (relay.epoll < 0 || relay.pidfd < 0) fail(STAGE_PROCESS, EMFILE);
  for (u32 i = 0; i < RELAY_CLIENTS_MAX; i++) relay.clients[i].fd = -1;
  relay_watch(EPOLL_CTL_ADD, EPOLLIN, relay.inner, R_INNER, 0);
  SYS(fcntl, RELAY_LISTEN, F_SETFL, O_RDWR | O_NONBLOCK);
  relay_watch(EPOLL_CTL_ADD, EPOLLIN, RELAY_LISTEN, R_LISTEN, 0);
  relay_client_add(RELAY_FIRST_CLIENT, true);
  SYS(close, RELAY_NET);
  relay.user = is_listening(RELAY_USER) ? -1 : RELAY_USER;
  for (int fd = RELAY_USER; fd <= RELAY_LOCK; fd++)
    if (is_listening(fd)) SYS(close, fd);
  int fds[2] = {relay.pidfd, relay.net};
  send_message(RELAY_FIRST_CLIENT, started, sizeof started, fds, 2, MSG_DONTWAIT);
  serve();
}

/* Detached from whoever started it, as a supervisor that outlives its JVM is. */
NORETURN void relay_begin(void) {
  struct clone_args args = {.exit_signal = SIGNAL_CHLD};
  SYS(close_range, RELAY_FIRST_FREE, ~0U, 0);
  long pid = SYS(clone3, &args, sizeof args);
  if (pid < 0) fail(STAGE_PROCESS, (int)-pid);
  if (pid == 0) run();
  leave(0);
}
