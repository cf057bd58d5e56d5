/**
 * Documents of the Open Container Initiative as typed records: image-spec and runtime-spec, names
 * as in the specifications.
 */
@NullMarked
package dev.pinnace.oci;

import org.jspecify.annotations.NullMarked;
