package dev.pinnace.internal.layer;

import dev.pinnace.error.InvalidSpecException;

/**
 * What an archive may ask for before it is refused, so that a small download cannot fill the disk
 * or the heap. What the layers of an image unpack to together has a limit of its own, 256 GiB.
 *
 * @param bytes sum of the sizes of its files, holes included; default 64 GiB
 * @param entries number of entries; default 2,000,000
 * @param metadata bytes of the extended headers and the sparse map of one entry, all together;
 *     default 4 MiB
 * @param xattrs bytes of the extended attributes of one entry, names included; default 1 MiB
 * @param name bytes of a path or link target; default 4095, the kernel's PATH_MAX
 * @param depth components of a path; default 512
 * @param paths bytes of heap for the paths that must be remembered to the archive's end: those of
 *     directories, with {@link LayerOptions.Whiteouts#REMOVE} all; default a quarter of the heap
 */
public record LayerLimits(
    long bytes, int entries, int metadata, int xattrs, int name, int depth, long paths) {
  private static final LayerLimits DEFAULTS =
      new LayerLimits(
          64L << 30, 2_000_000, 4 << 20, 1 << 20, 4095, 512, Runtime.getRuntime().maxMemory() / 4);

  /** The defaults above. */
  public static LayerLimits defaults() {
    return DEFAULTS;
  }

  public LayerLimits withBytes(long limit) {
    return new LayerLimits(limit, entries, metadata, xattrs, name, depth, paths);
  }

  public LayerLimits withEntries(int limit) {
    return new LayerLimits(bytes, limit, metadata, xattrs, name, depth, paths);
  }

  public LayerLimits withMetadata(int limit) {
    return new LayerLimits(bytes, entries, limit, xattrs, name, depth, paths);
  }

  public LayerLimits withPaths(long limit) {
    return new LayerLimits(bytes, entries, metadata, xattrs, name, depth, limit);
  }

  static InvalidSpecException exceeded(String subject, String where, String what, long limit) {
    return new InvalidSpecException(
        subject
            + " is refused: "
            + where
            + " has more than "
            + limit
            + " "
            + what
            + "; the limit is fixed: bring it in parts, or have the image built with less");
  }
}
