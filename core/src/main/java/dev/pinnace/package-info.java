/** What a user imports: the engine, and handles on its images and containers. */
@NullMarked
package dev.pinnace;

import org.jspecify.annotations.NullMarked;
