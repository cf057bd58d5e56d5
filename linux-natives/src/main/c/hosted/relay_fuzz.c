/* libFuzzer's target: a relay's frames. The first byte is how many descriptors come along. */
#include "../relay.h"

#include <stdlib.h>
#include <string.h>

NORETURN void leave(int status) { __builtin_trap(); (void)status; }

int LLVMFuzzerTestOneInput(const u8 *bytes, size_t size) {
  struct relay_request request;
  if (size == 0) return 0;
  u8 *exact = malloc(size > 1 ? size - 1 : 1); /* so that one byte too far is seen */
  memcpy(exact, bytes + 1, size - 1);
  if (relay_decode(&request, exact, size - 1, bytes[0] % (FDS_MAX + 1)) == 0) {
    if (request.type == 0 || request.type >= RELAY_TYPES) abort();
    struct address address = address_of(&request.place);
    if (!same_host(&address, &address) || address_size(&address) > sizeof address) abort();
    if (!is_forbidden(&address) && address.family == 0) abort();
  }
  free(exact);
  return 0;
}
