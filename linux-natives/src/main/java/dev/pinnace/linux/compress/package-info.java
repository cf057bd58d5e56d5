/** Decompression by libraries of the host. */
@NullMarked
package dev.pinnace.linux.compress;

import org.jspecify.annotations.NullMarked;
