/** JSON by the streaming parser and generator alone, which a fresh JVM has ready at once. */
@NullMarked
package dev.pinnace.internal.json;

import org.jspecify.annotations.NullMarked;
