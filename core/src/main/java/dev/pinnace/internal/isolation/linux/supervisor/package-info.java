/**
 * Talking to supervisors: frames over unix sockets, one thread that polls, exit records
 * (docs/formats.md).
 */
@NullMarked
package dev.pinnace.internal.isolation.linux.supervisor;

import org.jspecify.annotations.NullMarked;
