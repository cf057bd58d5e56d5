package dev.pinnace.internal.image.transfer;

import dev.pinnace.oci.Descriptor;
import dev.pinnace.spec.Digest;

/**
 * A layer that was made here; blob and unpacked layer are in the store.
 *
 * @param blob describes the compressed bytes
 * @param diffId the digest of the tar
 * @param chainId names it together with what is below
 */
public record MadeLayer(Descriptor blob, Digest diffId, Digest chainId) {}
