/* The whole launcher with a C library around it, so that sanitizers can watch a supervisor at work. */
#include "../supervise.h"

NORETURN void leave(int status) {
  for (;;) SYS(exit_group, status);
}

int main(void) { launcher(); }
