/* Runs the judge of a relay's frames under sanitizers: what it must refuse, and which addresses are never dialled. */
#include "../relay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int failures, checks;

#define CHECK(condition)                                              \
  do {                                                                \
    checks++;                                                         \
    if (!(condition)) {                                               \
      failures++;                                                     \
      printf("%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);  \
    }                                                                 \
  } while (0)

static u8 frame[600];
static struct relay_request request;

/* Judges a copy of exactly that size. */
static int judge(size_t size, int descriptors) {
  u8 *exact = malloc(size ? size : 1);
  memcpy(exact, frame, size);
  int result = relay_decode(&request, exact, size, descriptors);
  free(exact);
  return result;
}

static size_t make(u32 type, int words, const u32 *values, const struct place *place) {
  u32 head[2] = {type, 7};
  size_t size = sizeof head + 4 * (size_t)words;
  memcpy(frame, head, sizeof head);
  memcpy(frame + sizeof head, values, 4 * (size_t)words);
  if (!place) return size;
  memcpy(frame + size, place, sizeof *place);
  return size + sizeof *place;
}

static const struct place v4 = {AF_INET, 80, 0, {10, 89, 0, 2}}, v6 = {AF_INET6, 80, 3, {0xfe, 0x80, [15] = 1}}, none;
static const u32 zeros[4];

static void sizes_and_descriptors(void) {
  static const struct {
    u32 type;
    int words;
    bool place;
    int least, most;
  } forms[] = {{RELAY_HELLO, 1, false, 0, 0},     {RELAY_HOLD, 0, false, 0, 1},   {RELAY_NAMESPACE, 0, false, 0, 0},
               {RELAY_SOCKET, 3, false, 0, 0},    {RELAY_PUBLISH, 1, true, 2, 2}, {RELAY_UNPUBLISH, 1, false, 0, 0},
               {RELAY_RETARGET, 2, true, 0, 0},   {RELAY_STATE, 0, false, 0, 0},  {RELAY_OUTBOUND, 1, true, 2, 2}};
  for (size_t i = 0; i < COUNT(forms); i++) {
    size_t size = make(forms[i].type, forms[i].words, zeros, forms[i].place ? &none : NULL);
    for (int count = 0; count <= FDS_MAX; count++)
      CHECK(judge(size, count) == (count < forms[i].least || count > forms[i].most ? EINVAL : 0));
    for (size_t other = 8; other <= 512; other++) CHECK(judge(other, forms[i].least) == (other == size ? 0 : EINVAL));
    for (size_t other = 0; other < 8; other++) CHECK(judge(other, forms[i].least) == EBADMSG);
    CHECK(judge(513, forms[i].least) == E2BIG);
    CHECK(request.id == 7);
  }
  make(RELAY_TYPES, 0, zeros, NULL);
  CHECK(judge(8, 0) == ENOSYS);
  make(0, 0, zeros, NULL);
  CHECK(judge(8, 0) == ENOSYS);
}

static void places(void) {
  struct place odd = v4, portless = v4, gateway = v4;
  odd.family = 7;
  portless.port = gateway.port = 0;
  u32 words[2] = {1, RETARGET_RESETS}, host = OUTBOUND_HOST;
  CHECK(judge(make(RELAY_PUBLISH, 1, zeros, &v4), 2) == 0);
  CHECK(request.place.port == 80 && request.place.bytes[3] == 2);
  CHECK(judge(make(RELAY_PUBLISH, 1, zeros, &v6), 2) == 0);
  CHECK(judge(make(RELAY_PUBLISH, 1, zeros, &odd), 2) == EAFNOSUPPORT);
  CHECK(judge(make(RELAY_PUBLISH, 1, zeros, &portless), 2) == EINVAL);
  CHECK(judge(make(RELAY_PUBLISH, 1, &host, &v4), 2) == EINVAL);
  CHECK(judge(make(RELAY_RETARGET, 2, words, &none), 0) == 0);
  words[1] = 2;
  CHECK(judge(make(RELAY_RETARGET, 2, words, &none), 0) == EINVAL);
  CHECK(judge(make(RELAY_OUTBOUND, 1, &host, &gateway), 2) == 0);
  CHECK(judge(make(RELAY_OUTBOUND, 1, &host, &v4), 2) == EINVAL);
  CHECK(judge(make(RELAY_OUTBOUND, 1, &host, &none), 2) == EINVAL);
  CHECK(judge(make(RELAY_OUTBOUND, 1, zeros, &gateway), 2) == EINVAL);
}

static void addresses(void) {
  struct address address = address_of(&v4);
  CHECK(address.family == AF_INET && address.port == 0x5000 && memcmp(&address.v4, v4.bytes, 4) == 0);
  CHECK(address_size(&address) == 16);
  struct address sixth = address_of(&v6);
  CHECK(sixth.port == 0x5000 && sixth.scope == 3 && memcmp(sixth.v6, v6.bytes, 16) == 0 && address_size(&sixth) == 28);
  CHECK(same_host(&address, &address) && same_host(&sixth, &sixth) && !same_host(&address, &sixth));
  struct address other = address, otherSixth = sixth;
  other.v4 ^= 1;
  otherSixth.v6[15] ^= 1;
  CHECK(!same_host(&address, &other) && !same_host(&sixth, &otherSixth));
  CHECK(address_of(&none).family == 0);
}

static bool forbids_v4(u8 a, u8 b, u8 c, u8 d) {
  struct place place = {AF_INET, 1, 0, {a, b, c, d}};
  struct address address = address_of(&place);
  bool result = is_forbidden(&address);
  static const u8 heads[3][12] = {{[10] = 0xff, [11] = 0xff}, {0}, {0, 0x64, 0xff, 0x9b}};
  for (int i = 0; i < 3; i++) {
    struct place within = {AF_INET6, 1, 0, {0}};
    memcpy(within.bytes, heads[i], 12);
    memcpy(within.bytes + 12, place.bytes, 4);
    address = address_of(&within);
    CHECK(is_forbidden(&address) == result);
  }
  return result;
}

static bool forbids_v6(u8 a, u8 b, u8 last) {
  struct place place = {AF_INET6, 1, 0, {a, b, [15] = last}};
  struct address address = address_of(&place);
  return is_forbidden(&address);
}

static void forbidden(void) {
  CHECK(forbids_v4(127, 0, 0, 1) && forbids_v4(127, 255, 255, 255) && forbids_v4(0, 0, 0, 0) && forbids_v4(0, 1, 2, 3));
  CHECK(forbids_v4(169, 254, 169, 254) && forbids_v4(224, 0, 0, 1) && forbids_v4(240, 0, 0, 1) && forbids_v4(255, 255, 255, 255));
  CHECK(!forbids_v4(126, 255, 255, 255) && !forbids_v4(128, 0, 0, 1) && !forbids_v4(169, 253, 0, 1) && !forbids_v4(169, 255, 0, 1));
  CHECK(!forbids_v4(1, 1, 1, 1) && !forbids_v4(10, 0, 0, 1) && !forbids_v4(192, 168, 0, 1) && !forbids_v4(223, 255, 255, 255));
  CHECK(forbids_v6(0, 0, 0) && forbids_v6(0, 0, 1) && forbids_v6(0xfe, 0x80, 1) && forbids_v6(0xfe, 0xbf, 1) && forbids_v6(0xff, 2, 1));
  CHECK(!forbids_v6(0xfe, 0xc0, 1) && !forbids_v6(0xfd, 0, 1) && !forbids_v6(0x20, 1, 1));
  struct address nothing = {0};
  CHECK(is_forbidden(&nothing));
}

NORETURN void leave(int status) { _Exit(status); }

int main(void) {
  sizes_and_descriptors();
  places();
  addresses();
  forbidden();
  printf("launcher: %d checks of the relay's frames, %d failed\n", checks, failures);
  return failures != 0;
}
