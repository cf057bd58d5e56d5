/** What is on disk: paths, locks, records of containers, names (docs/formats.md). */
@NullMarked
package dev.pinnace.internal.state;

import org.jspecify.annotations.NullMarked;
