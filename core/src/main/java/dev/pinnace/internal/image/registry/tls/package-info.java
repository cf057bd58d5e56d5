/** Whose certificates registries may show, and which ones they are shown. */
@NullMarked
package dev.pinnace.internal.image.registry.tls;

import org.jspecify.annotations.NullMarked;
