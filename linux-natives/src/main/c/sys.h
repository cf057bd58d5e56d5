/* System calls without a C library: syscall(2), *Architecture calling conventions*. Every call answers -errno itself. */
#ifndef SYS_H
#define SYS_H

#include <asm/unistd.h>
#include <linux/errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t i32;

#define NORETURN __attribute__((noreturn))
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#if defined(__x86_64__)
#define ELF_MACHINE 62
static inline long syscall6(long number, long a, long b, long c, long d, long e, long f) {
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}
#elif defined(__aarch64__)
#define ELF_MACHINE 183
static inline long syscall6(long number, long a, long b, long c, long d, long e, long f) {
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = e;
  register long x5 __asm__("x5") = f;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
  return x0;
}
#else
#error "the launcher knows x86_64 and aarch64"
#endif

/* SYS(openat, fd, path, flags): missing arguments are 0. */
#define SYS(name, ...) SYS_(__NR_##name, ##__VA_ARGS__, 0, 0, 0, 0, 0, 0)
#define SYS_(number, a, b, c, d, e, f, ...) \
  syscall6(number, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))

/* Sockets, which the kernel's exported headers leave to the C library: socket(2), unix(7), cmsg(3). */
#define AF_UNIX 1
#define SOCK_SEQPACKET 5
#define SOL_SOCKET 1
#define SO_PASSCRED 16
#define SO_PEERCRED 17
#define SCM_RIGHTS 1
#define SCM_CREDENTIALS 2
#define SHUT_RDWR 2
#define MSG_CTRUNC 0x8
#define MSG_TRUNC 0x20
#define MSG_DONTWAIT 0x40
#define MSG_NOSIGNAL 0x4000
#define MSG_CMSG_CLOEXEC 0x40000000

struct credentials {
  i32 pid;
  u32 uid;
  u32 gid;
};

/* Signals: signal(7). */
enum { SIGNAL_KILL = 9, SIGNAL_TERM = 15, SIGNAL_CHLD = 17, SIGNAL_STOP = 19, SIGNALS = 64 };

void *memcpy(void *to, const void *from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *at, int value, size_t size);
int memcmp(const void *a, const void *b, size_t size);
size_t strlen(const char *string);

static inline void close_fd(int *fd) {
  if (*fd >= 0) SYS(close, *fd);
  *fd = -1;
}

static inline bool same(const char *a, const char *b) {
  return strlen(a) == strlen(b) && memcmp(a, b, strlen(a)) == 0;
}

#ifdef HOSTED
NORETURN void leave(int status);
#else
static inline NORETURN void leave(int status) {
  for (;;) SYS(exit_group, status);
}
#endif

#endif
