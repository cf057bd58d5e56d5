package dev.pinnace.internal.image.transfer;

import dev.pinnace.oci.Descriptor;
import java.io.IOException;
import java.io.InputStream;

/** Gives blobs that are not in the store yet; whoever reads them verifies them. */
@FunctionalInterface
public interface BlobSource {
  /** The bytes of a blob, to be closed by the caller. */
  InputStream open(Descriptor blob) throws IOException;
}
