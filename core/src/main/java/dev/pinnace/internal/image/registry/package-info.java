/** Registries (OCI distribution-spec): what a pull reads from them and what a push gives them. */
@NullMarked
package dev.pinnace.internal.image.registry;

import org.jspecify.annotations.NullMarked;
