/** Wiring and lifecycle: what stands behind the interfaces of the root package. */
@NullMarked
package dev.pinnace.internal.engine;

import org.jspecify.annotations.NullMarked;
