/** Images in the store: their names, ids, documents and layers. */
@NullMarked
package dev.pinnace.internal.image;

import org.jspecify.annotations.NullMarked;
