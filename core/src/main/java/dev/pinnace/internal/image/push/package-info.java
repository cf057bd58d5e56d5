/** Pushes: what goes to a registry, side by side, as the bytes that are stored. */
@NullMarked
package dev.pinnace.internal.image.push;

import org.jspecify.annotations.NullMarked;
