/** What can go wrong: one unchecked base, subclasses by what the caller can do about it. */
@NullMarked
package dev.pinnace.error;

import org.jspecify.annotations.NullMarked;
