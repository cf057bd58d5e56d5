/**
 * The isolation backend of Linux: a launch plan for each container, a supervisor that runs it, and
 * what the host can do.
 */
@NullMarked
package dev.pinnace.internal.isolation.linux;

import org.jspecify.annotations.NullMarked;
