/** Makes an image of programs of the host, with the libraries and the loader that they need. */
@NullMarked
package dev.pinnace.internal.image.host;

import org.jspecify.annotations.NullMarked;
