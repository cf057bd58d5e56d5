/** What the command line makes of its arguments. */
@NullMarked
package dev.pinnace.examples.cli;

import org.jspecify.annotations.NullMarked;
