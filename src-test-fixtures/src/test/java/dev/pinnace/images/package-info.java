/** The image store against other people's tools. */
@NullMarked
package dev.pinnace.images;

import org.jspecify.annotations.NullMarked;
