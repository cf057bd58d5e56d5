/** Seccomp profiles in Docker's JSON format, the default one, and their compilation to a filter. */
@NullMarked
package dev.pinnace.internal.isolation.linux.seccomp;

import org.jspecify.annotations.NullMarked;
