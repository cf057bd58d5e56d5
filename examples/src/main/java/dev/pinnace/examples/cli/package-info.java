/** The command line: Docker's subcommands and flags over the library, one JVM for each call. */
@NullMarked
package dev.pinnace.examples.cli;

import org.jspecify.annotations.NullMarked;
