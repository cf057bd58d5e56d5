package dev.pinnace.internal.image.transfer;

import dev.pinnace.error.InvalidSpecException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How much the layers of one image may unpack to together: each has a limit of its own, and an
 * image may have hundreds. What is here already does not count. Thread-safe.
 *
 * @see dev.pinnace.internal.layer.LayerLimits
 */
public final class ImageLimit {
  /** The usual limit, in bytes: 256 GiB, that of a whole archive too. */
  static final long MOST = 256L << 30;

  private final long most;
  private final AtomicLong unpacked = new AtomicLong();

  private ImageLimit(long most) {
    this.most = most;
  }

  /** The usual limit, for one image. */
  public static ImageLimit usual() {
    return of(MOST);
  }

  /** Another limit, in bytes. */
  static ImageLimit of(long most) {
    return new ImageLimit(most);
  }

  /**
   * Counts bytes of a layer's tar.
   *
   * @throws InvalidSpecException when they are too many
   */
  void add(long bytes) {
    if (unpacked.addAndGet(bytes) > most) {
      throw new InvalidSpecException(
          "the layers of its image unpack to more than "
              + most
              + " bytes together; what needs as much is better mounted from the host");
    }
  }
}
