/** Pinnace as a named module. */
@NullMarked
package dev.pinnace.modules;

import org.jspecify.annotations.NullMarked;
