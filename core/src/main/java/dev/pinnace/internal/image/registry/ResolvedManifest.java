package dev.pinnace.internal.image.registry;

import dev.pinnace.oci.Descriptor;

/**
 * A manifest or index as a registry gave it, its digest verified.
 *
 * @param descriptor media type, digest and length
 * @param bytes its own bytes
 */
@SuppressWarnings("ArrayRecordComponent") // handed on once, never compared
public record ResolvedManifest(Descriptor descriptor, byte[] bytes) {}
