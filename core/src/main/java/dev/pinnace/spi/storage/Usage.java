package dev.pinnace.spi.storage;

/**
 * The space that files take.
 *
 * @param bytes allocated on the disk, holes not counted; extents shared by reflink count in full
 * @param entries files, directories, links and devices; hard links to one file count once
 */
public record Usage(long bytes, long entries) {
  /** Both together. */
  public Usage plus(Usage other) {
    return new Usage(bytes + other.bytes, entries + other.entries);
  }
}
