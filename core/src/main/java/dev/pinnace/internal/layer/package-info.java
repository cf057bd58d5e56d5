/** Layers as tar streams: a byte-exact codec and their application to a directory. */
@NullMarked
package dev.pinnace.internal.layer;

import org.jspecify.annotations.NullMarked;
