/**
 * Brings an image from wherever its blobs are into the store: manifest, configuration and layers,
 * each verified, the layers unpacked in the same pass.
 */
@NullMarked
package dev.pinnace.internal.image.transfer;

import org.jspecify.annotations.NullMarked;
