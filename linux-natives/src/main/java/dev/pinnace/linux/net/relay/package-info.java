/**
 * The relay of a router, a process that carries connections into a network namespace and out of it,
 * and its clients.
 */
@NullMarked
package dev.pinnace.linux.net.relay;

import org.jspecify.annotations.NullMarked;
