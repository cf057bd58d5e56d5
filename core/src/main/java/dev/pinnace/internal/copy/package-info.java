/**
 * Copying files into containers and out of them, as {@code docker cp} does: where a path leads in a
 * tree that somebody else uses, what a copy is called, whose it becomes.
 */
@NullMarked
package dev.pinnace.internal.copy;

import org.jspecify.annotations.NullMarked;
