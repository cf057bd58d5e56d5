/** The isolation backends there are, and the choice among them. */
@NullMarked
package dev.pinnace.internal.isolation;

import org.jspecify.annotations.NullMarked;
