/** Brings images in from elsewhere: layers side by side, each in one pass over its bytes. */
@NullMarked
package dev.pinnace.internal.image.pull;

import org.jspecify.annotations.NullMarked;
