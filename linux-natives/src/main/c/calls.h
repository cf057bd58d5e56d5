/* The system calls that a plan may make, by section, and what each argument may be. */
#ifndef CALLS_H
#define CALLS_H

#include "plan.h"

/* One permitted call. `arguments` has a letter for each:
 *   v  a value: immediate or register        r  a register only
 *   s  a NUL-terminated string, or null      b  memory of at least `size` bytes, or null
 *   i  memory read, its size is the next argument      g  memory read, four bytes for each of the previous argument
 *   j  memory read, its size is the previous argument
 *   o  memory written, at least `size` bytes           w  memory written, its size is the next argument
 * Memory that the kernel writes must be scratch. Calls that are many in one (ioctl, prctl) have a line for each `choice`, the
 * immediate value of the argument `selector`. */
struct call {
  u16 number;
  u8 sections;
  bool makes_descriptor;
  char arguments[7];
  u8 selector;
  u16 size;
  u32 choice;
};

enum { NO_SELECTOR = 255 };

/* The permission for this step, which is an OP_CALL, in this section; null when there is none. */
const struct call *call_find(const struct step *step, enum section section);

#endif
