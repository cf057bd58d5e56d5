/** Image archives: OCI layouts and what {@code docker save} writes, as directory or tar. */
@NullMarked
package dev.pinnace.internal.image.layout;

import org.jspecify.annotations.NullMarked;
