/* The entry of a static program: the kernel leaves argc, argv and the environment on the stack (execve(2)); none is used. */
#include "supervise.h"

#if defined(__x86_64__)
__asm__(".globl _start\n_start:\n  xor %ebp, %ebp\n  and $-16, %rsp\n  call launcher\n  hlt\n");
#else
__asm__(".globl _start\n_start:\n  mov x29, #0\n  mov x30, #0\n  bl launcher\n  brk #0\n");
#endif
