/** Raw bindings. Nothing outside this package imports {@code com.sun.jna}. */
@NullMarked
package dev.pinnace.linux.internal.jna;

import org.jspecify.annotations.NullMarked;
