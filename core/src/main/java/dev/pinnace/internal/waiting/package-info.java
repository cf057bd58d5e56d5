/** Waiting that can be interrupted and ends in time. */
@NullMarked
package dev.pinnace.internal.waiting;

import org.jspecify.annotations.NullMarked;
