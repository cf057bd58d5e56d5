/* Sockets in the router's namespace. A child is there and makes them; only this process ever speaks to it. */
#include "relay.h"

#include <linux/close_range.h>
#include <linux/fcntl.h>
#include <linux/poll.h>
#include <linux/prctl.h>
#include <linux/sched.h>

struct order {
  i32 domain, type, protocol;
  u32 count;
  u32 tuned;
};

struct answer {
  i32 error;
  u32 stage;
};

static void set(int fd, int level, int option, int value) { SYS(setsockopt, fd, level, option, &value, sizeof value); }

/* A listening socket's options are those of the connections that it accepts. */
void tune(int fd) {
  set(fd, LEVEL_TCP, TCP_NODELAY, 1);
  set(fd, LEVEL_TCP, TCP_KEEPIDLE, 60);
  set(fd, LEVEL_TCP, TCP_KEEPINTVL, 15);
  set(fd, LEVEL_TCP, TCP_SYNCNT, 4);
  set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
}

static void make(int pair, const struct order *order) {
  struct answer answer = {0, 0};
  int fds[POOL], count = 0;
  while ((u32)count < order->count && count < POOL) {
    int fd = (int)SYS(socket, order->domain, order->type | O_CLOEXEC, order->protocol);
    if (fd < 0) {
      answer.error = fd;
      break;
    }
    if (order->tuned) tune(fd);
    fds[count++] = fd;
  }
  send_message(pair, &answer, sizeof answer, fds, count, 0);
  for (int i = 0; i < count; i++) SYS(close, fds[i]);
}

static int enter(bool net, bool user, u32 *stage) {
  *stage = STAGE_USER;
  int result = user ? (int)SYS(setns, RELAY_USER, CLONE_NEWUSER) : 0;
  if (result < 0) return result;
  *stage = STAGE_NET;
  return net ? (int)SYS(setns, RELAY_NET, CLONE_NEWNET) : (int)SYS(unshare, CLONE_NEWNET);
}

/* The death signal is set last, for a change of credentials takes it back; by then the parent may be gone, which the socket tells. */
static NORETURN void child(int pair, bool net, bool user) {
  struct order order;
  struct answer answer = {0, 0};
  SYS(prctl, PR_SET_NAME, "pinnace-inner");
  SYS(dup3, pair, 0, O_CLOEXEC);
  answer.error = enter(net, user, &answer.stage);
  SYS(prctl, PR_SET_DUMPABLE, 0);
  SYS(prctl, PR_SET_PDEATHSIG, SIGNAL_KILL);
  SYS(close_range, 1, ~0U, 0);
  send_message(0, &answer, sizeof answer, NULL, 0, 0);
  while (SYS(read, 0, &order, sizeof order) == sizeof order) make(0, &order);
  leave(0);
}

/* The child does nothing that could take long. Without it this process can do nothing either, and ends. */
static int receive(struct message *message) {
  struct answer answer;
  struct pollfd poll = {.fd = relay.inner, .events = POLLIN};
  while (SYS(ppoll, &poll, 1, NULL, NULL, 8) < 0) continue;
  receive_message(relay.inner, message);
  if (message->size != sizeof answer) leave(1);
  memcpy(&answer, message->data, sizeof answer);
  return answer.error;
}

int inner_begin(u32 *stage) {
  static struct message message;
  int pair[2];
  bool net = !is_listening(RELAY_NET), user = !is_listening(RELAY_USER);
  *stage = STAGE_PROCESS;
  int result = (int)SYS(socketpair, AF_UNIX, SOCK_SEQPACKET | O_CLOEXEC, 0, pair);
  if (result < 0) return result;
  struct clone_args args = {.exit_signal = SIGNAL_CHLD};
  long pid = SYS(clone3, &args, sizeof args);
  if (pid == 0) child(pair[1], net, user);
  SYS(close, pair[1]);
  if (pid < 0) return (int)pid;
  relay.inner = pair[0];
  result = receive(&message);
  memcpy(stage, message.data + offsetof(struct answer, stage), sizeof *stage);
  if (result < 0) return result;
  int socket = inner_socket(AF_INET, SOCK_DGRAM, 0);
  if (socket < 0) return socket;
  relay.net = (int)SYS(ioctl, socket, 0x894C /* SIOCGSKNS: its network namespace */);
  SYS(close, socket);
  return relay.net < 0 ? relay.net : 0;
}

static int order(struct message *message, struct order order) {
  send_message(relay.inner, &order, sizeof order, NULL, 0, 0);
  int error = receive(message);
  return message->count > 0 ? 0 : error;
}

int inner_socket(i32 domain, i32 type, i32 protocol) {
  static struct message message;
  int error = order(&message, (struct order){domain, type, protocol, 1, 0});
  return error < 0 ? error : message.fds[0];
}

int inner_flow_socket(u16 family, i32 type) {
  static struct message message;
  bool streams = type == SOCK_STREAM;
  int which = streams | (family == AF_INET6) << 1;
  if (relay.pool[which].count == 0) {
    int error = order(&message, (struct order){family, type | O_NONBLOCK, 0, POOL, streams});
    if (error < 0) return error;
    memcpy(relay.pool[which].fds, message.fds, sizeof message.fds);
    relay.pool[which].count = message.count;
  }
  return relay.pool[which].fds[--relay.pool[which].count];
}
