/** Instructions of Dockerfiles: their lines, their words, and what they do to a configuration. */
@NullMarked
package dev.pinnace.internal.build.instruction;

import org.jspecify.annotations.NullMarked;
