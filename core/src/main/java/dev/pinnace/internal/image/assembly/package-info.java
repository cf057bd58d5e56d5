/** Images that are made here: of a tar's files, of a container's changes. */
@NullMarked
package dev.pinnace.internal.image.assembly;

import org.jspecify.annotations.NullMarked;
