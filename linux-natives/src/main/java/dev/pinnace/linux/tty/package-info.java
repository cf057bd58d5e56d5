/** Terminals: their size, their mode, and pairs of them. */
@org.jspecify.annotations.NullMarked
package dev.pinnace.linux.tty;
