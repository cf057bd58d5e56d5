/** System call tables and an assembler for seccomp's BPF programs. */
@NullMarked
package dev.pinnace.linux.seccomp;

import org.jspecify.annotations.NullMarked;
