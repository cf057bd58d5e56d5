/** Processes by descriptor: spawn, pidfd, signals, waiting. */
@NullMarked
package dev.pinnace.linux.process;

import org.jspecify.annotations.NullMarked;
