/* libFuzzer's target: the decoder on any bytes, once as they are and once with a header that lets them pass its first checks. */
#include "sample.h"
#include "visit.h"

#include <stdlib.h>
#include <string.h>

static void decode(const u8 *bytes, size_t size, bool sealed, bool exec) {
  struct plan plan;
  u32 blame;
  u8 *copy = malloc(size ? size : 1); /* exact, so that one byte too far is seen */
  memcpy(copy, bytes, size);
  if (sealed && size >= sizeof(struct header) && size % 8 == 0) {
    struct header header;
    memcpy(&header, copy, sizeof header);
    header.magic = PLAN_MAGIC;
    header.version = PLAN_VERSION;
    header.machine = ELF_MACHINE;
    header.build = SAMPLE_BUILD;
    memcpy(copy, &header, sizeof header);
    sample_seal(copy, size);
  }
  if (plan_decode(&plan, copy, size, SAMPLE_BUILD, exec, &blame) == 0) visit(&plan);
  free(copy);
}

int LLVMFuzzerTestOneInput(const u8 *bytes, size_t size) {
  for (int i = 0; i < 4; i++) decode(bytes, size, i & 1, i & 2);
  return 0;
}
