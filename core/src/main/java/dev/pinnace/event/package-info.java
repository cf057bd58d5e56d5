/** What happened, and how far something is. */
@NullMarked
package dev.pinnace.event;

import org.jspecify.annotations.NullMarked;
