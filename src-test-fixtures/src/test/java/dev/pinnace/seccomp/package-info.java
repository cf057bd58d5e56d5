/** Seccomp filters on the kernel that runs the tests. */
@NullMarked
package dev.pinnace.seccomp;

import org.jspecify.annotations.NullMarked;
