/** The documents of the OCI image and runtime specifications as immutable records. */
@NullMarked
package dev.pinnace.oci;

import org.jspecify.annotations.NullMarked;
