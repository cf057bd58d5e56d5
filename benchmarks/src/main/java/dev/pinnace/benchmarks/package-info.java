/** Side-by-side measurements. */
@NullMarked
package dev.pinnace.benchmarks;

import org.jspecify.annotations.NullMarked;
