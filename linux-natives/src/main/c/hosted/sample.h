/* A small plan with every operation, for the hosted checks: built into `bytes`, valid as it stands. */
#ifndef SAMPLE_H
#define SAMPLE_H

#include "../plan.h"

enum { SAMPLE_BUILD = 42 };

struct sample {
  _Alignas(8) u8 bytes[16 * 1024];
  u32 length;
  u32 blob;
  u32 steps;
};

void sample_container(struct sample *sample);
void sample_exec(struct sample *sample);
/* Writes length and checksum anew, so that a changed plan is judged by what it says. */
void sample_seal(u8 *bytes, size_t length);

#endif
