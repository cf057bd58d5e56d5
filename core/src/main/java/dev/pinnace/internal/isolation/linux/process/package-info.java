/** The processes of containers, read from proc. */
@NullMarked
package dev.pinnace.internal.isolation.linux.process;

import org.jspecify.annotations.NullMarked;
