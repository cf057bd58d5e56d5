/** The programs of {@code examples}, run by their scripts as users do. */
@NullMarked
package dev.pinnace.cli;

import org.jspecify.annotations.NullMarked;
