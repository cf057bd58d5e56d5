/** Programs that show Pinnace at work. */
@NullMarked
package dev.pinnace.examples;

import org.jspecify.annotations.NullMarked;
