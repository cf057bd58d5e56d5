/** Immutable values that describe what a user asks for, and their builders. */
@NullMarked
package dev.pinnace.spec;

import org.jspecify.annotations.NullMarked;
