/* The four functions that a C compiler may call on its own in freestanding code, and strlen. */
#include "sys.h"

/* Or GCC sees that these loops are what they implement, and calls them from themselves. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("no-tree-loop-distribute-patterns")
#endif

void *memcpy(void *to, const void *from, size_t size) {
  u8 *t = to;
  const u8 *f = from;
#if defined(__x86_64__)
  __asm__ volatile("rep movsb" : "+D"(t), "+S"(f), "+c"(size) : : "memory");
#else
  while (size--) *t++ = *f++;
#endif
  return to;
}

void *memmove(void *to, const void *from, size_t size) {
  u8 *t = to;
  const u8 *f = from;
  if (t <= f) return memcpy(to, from, size);
  while (size--) t[size] = f[size];
  return to;
}

void *memset(void *at, int value, size_t size) {
  u8 *t = at;
#if defined(__x86_64__)
  __asm__ volatile("rep stosb" : "+D"(t), "+c"(size) : "a"(value) : "memory");
#else
  while (size--) *t++ = (u8)value;
#endif
  return at;
}

int memcmp(const void *a, const void *b, size_t size) {
  const u8 *x = a, *y = b;
  for (size_t i = 0; i < size; i++)
    if (x[i] != y[i]) return x[i] - y[i];
  return 0;
}

size_t strlen(const char *string) {
  size_t length = 0;
  while (string[length]) length++;
  return length;
}
