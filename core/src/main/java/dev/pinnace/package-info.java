/** What a user imports: the engine, and handles on its images, containers, volumes and networks. */
@NullMarked
package dev.pinnace;

import org.jspecify.annotations.NullMarked;
