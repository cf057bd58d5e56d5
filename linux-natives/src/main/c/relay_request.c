/* What clients send, and what addresses mean; computes only. */
#include "relay.h"

enum { WORDS_AT = 8, FRAME_MOST = 512 };

/* Of each type: words, whether an address follows, and how many descriptors come along at least and at most. */
static const struct {
  u8 words;
  bool place;
  u8 least, most;
} forms[RELAY_TYPES] = {
  [RELAY_HELLO] = {1, false, 0, 0},
  [RELAY_HOLD] = {0, false, 0, 1},
  [RELAY_NAMESPACE] = {0, false, 0, 0},
  [RELAY_SOCKET] = {3, false, 0, 0},
  [RELAY_PUBLISH] = {1, true, 2, 2},
  [RELAY_UNPUBLISH] = {1, false, 0, 0},
  [RELAY_RETARGET] = {2, true, 0, 0},
  [RELAY_STATE] = {0, false, 0, 0},
  [RELAY_OUTBOUND] = {1, true, 2, 2},
};

static u32 known_flags(const struct relay_request *request) {
  return request->type == RELAY_RETARGET ? RETARGET_RESETS : request->type == RELAY_OUTBOUND ? OUTBOUND_HOST : 0;
}

/* The last word of a type that has an address is its flags. */
static int judge_place(const struct relay_request *request, u8 words) {
  const struct place *place = &request->place;
  if (request->words[words - 1] & ~known_flags(request)) return EINVAL;
  if (place->family != 0 && place->family != AF_INET && place->family != AF_INET6) return EAFNOSUPPORT;
  bool ported = request->type != RELAY_OUTBOUND && place->family != 0;
  if (ported != (place->port != 0)) return EINVAL;
  if (request->type == RELAY_OUTBOUND && (place->family != 0) != (request->words[0] & OUTBOUND_HOST)) return EINVAL;
  return 0;
}

int relay_decode(struct relay_request *request, const u8 *bytes, size_t size, int descriptors) {
  memset(request, 0, sizeof *request);
  if (size < WORDS_AT) return EBADMSG;
  memcpy(&request->type, bytes, 4);
  memcpy(&request->id, bytes + 4, 4);
  if (size > FRAME_MOST) return E2BIG;
  if (request->type == 0 || request->type >= RELAY_TYPES) return ENOSYS;
  u8 words = forms[request->type].words;
  bool place = forms[request->type].place;
  if (size != WORDS_AT + 4U * words + (place ? sizeof(struct place) : 0)) return EINVAL;
  if (descriptors < forms[request->type].least || descriptors > forms[request->type].most) return EINVAL;
  memcpy(request->words, bytes + WORDS_AT, 4U * words);
  if (!place) return 0;
  memcpy(&request->place, bytes + WORDS_AT + 4U * words, sizeof request->place);
  return judge_place(request, words);
}

struct address address_of(const struct place *place) {
  struct address address = {.family = place->family, .port = (u16)(place->port << 8 | place->port >> 8)};
  if (place->family == AF_INET) memcpy(&address.v4, place->bytes, 4);
  if (place->family != AF_INET6) return address;
  memcpy(address.v6, place->bytes, 16);
  address.scope = place->scope;
  return address;
}

u32 address_size(const struct address *address) { return address->family == AF_INET ? 16 : sizeof *address; }

bool same_host(const struct address *a, const struct address *b) {
  if (a->family != b->family) return false;
  return a->family == AF_INET ? a->v4 == b->v4 : memcmp(a->v6, b->v6, 16) == 0;
}

static bool is_forbidden_v4(const u8 *at) {
  return at[0] == 0 || at[0] == 127 || (at[0] == 169 && at[1] == 254) || at[0] >= 224;
}

/* IPv4 in IPv6, mapped, compatible or translated (64:ff9b::/96), is judged as IPv4: RFC 4291, RFC 6052. */
static bool is_forbidden_v6(const u8 *at) {
  static const u8 mapped[12] = {[10] = 0xff, [11] = 0xff}, compatible[12] = {0}, translated[12] = {0, 0x64, 0xff, 0x9b};
  if (at[0] == 0xff || (at[0] == 0xfe && (at[1] & 0xc0) == 0x80)) return true;
  bool v4 = memcmp(at, mapped, 12) == 0 || memcmp(at, compatible, 12) == 0 || memcmp(at, translated, 12) == 0;
  return v4 && is_forbidden_v4(at + 12);
}

bool is_forbidden(const struct address *address) {
  if (address->family == AF_INET) return is_forbidden_v4((const u8 *)&address->v4);
  return address->family != AF_INET6 || is_forbidden_v6(address->v6);
}
