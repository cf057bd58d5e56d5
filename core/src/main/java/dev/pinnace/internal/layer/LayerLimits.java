package dev.pinnace.internal.layer;

import dev.pinnace.error.InvalidSpecException;

/**
 * What an archive may ask for before it is refused, so that a small download cannot fill the disk
 * or the heap.
 *
 * @param bytes sum of the sizes of its files, holes included; default 64 GiB
 * @param entries number of entries; default 2,000,000
 * @param metadata bytes of one PAX header or sparse map; default 4 MiB
 * @param name bytes of a path or link target; default 4095, the kernel's PATH_MAX
 * @param depth components of a path; default 512
 */
public record LayerLimits(long bytes, int entries, int metadata, int name, int depth) {
  private static final LayerLimits DEFAULTS =
      new LayerLimits(64L << 30, 2_000_000, 4 << 20, 4095, 512);

  /** The defaults above. */
  public static LayerLimits defaults() {
    return DEFAULTS;
  }

  public LayerLimits withBytes(long limit) {
    return new LayerLimits(limit, entries, metadata, name, depth);
  }

  public LayerLimits withEntries(int limit) {
    return new LayerLimits(bytes, limit, metadata, name, depth);
  }

  public LayerLimits withMetadata(int limit) {
    return new LayerLimits(bytes, entries, limit, name, depth);
  }

  static InvalidSpecException exceeded(String where, String what, long limit) {
    return new InvalidSpecException(
        "the layer is refused: "
            + where
            + " has more than "
            + limit
            + " "
            + what
            + "; if you trust the image, raise the limit");
  }
}
