package dev.pinnace.internal.image.transfer;

import dev.pinnace.oci.Descriptor;
import java.io.IOException;
import java.io.InputStream;

/** Gives blobs that are not in the store yet; whoever reads them verifies them. */
@FunctionalInterface
public interface BlobSource {
  /** The bytes of a blob, to be closed by the caller. */
  InputStream open(Descriptor blob) throws IOException;

  /**
   * Tells that the bytes of a blob were wrong.
   *
   * @return whether it has another place from which they may come better
   */
  default boolean disown(Descriptor blob) {
    return false;
  }

  /**
   * The bytes of a blob from {@code offset} on, which is at most its length; to be closed by the
   * caller.
   */
  default InputStream open(Descriptor blob, long offset) throws IOException {
    InputStream in = open(blob);
    try {
      in.skipNBytes(offset);
      return in;
    } catch (IOException | RuntimeException failure) {
      in.close();
      throw failure;
    }
  }
}
