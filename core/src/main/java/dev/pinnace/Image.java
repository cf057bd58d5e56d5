package dev.pinnace;

import dev.pinnace.oci.ImageConfig;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.Digest;
import java.util.List;

/** An image: a handle that holds nothing. Thread-safe. */
public interface Image {
  /** The digest of its configuration. */
  Digest id();

  /**
   * The digest of what its names point at, its manifest or the index that it came with: by this
   * registries know it.
   */
  Digest digest();

  /** Its names; if it is dangling none, or such as have a digest for a tag. */
  List<String> references();

  /** Its configuration, as the image-spec has it. */
  ImageConfig config();

  /**
   * The sum of the lengths of the files of its layers, as {@code docker images} has it: however the
   * layers are compressed, and with what a layer above replaces or hides. A layer that is not
   * unpacked, as after a power failure, or was unpacked before this was recorded, counts as it is
   * stored: nothing else is known of it then.
   */
  Bytes size();
}
