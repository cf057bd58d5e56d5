/**
 * Files that are replaced as a whole and survive a crash, and the named moments at which tests
 * cause one. Whatever keeps state on the disk stands on it.
 */
@NullMarked
package dev.pinnace.internal.durable;

import org.jspecify.annotations.NullMarked;
