/**
 * Blobs by digest in an OCI image layout: written once, verified before they are visible, pinned by
 * leases while somebody works with them, collected when nothing refers to them. What the blobs mean
 * is for others.
 */
@NullMarked
package dev.pinnace.internal.content;

import org.jspecify.annotations.NullMarked;
