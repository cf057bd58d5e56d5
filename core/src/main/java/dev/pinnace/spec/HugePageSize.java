package dev.pinnace.spec;

import dev.pinnace.error.InvalidSpecException;

/**
 * Sizes of huge pages as the kernel names them in files of its controller (cgroup-v2,
 * <i>HugeTLB</i>): {@code 64KB}, {@code 2MB}, {@code 1GB}.
 */
final class HugePageSize {
  private static final long KIBI = 1L << 10;
  private static final long MEBI = 1L << 20;
  private static final long GIBI = 1L << 30;

  private HugePageSize() {}

  static String name(Bytes size) {
    long bytes = size.count();
    if (bytes < KIBI || Long.bitCount(bytes) != 1) {
      throw new InvalidSpecException(
          "no huge page has " + size + ": their sizes are powers of two, as in 2 MiB");
    }
    if (bytes >= GIBI) {
      return bytes / GIBI + "GB";
    }
    return bytes >= MEBI ? bytes / MEBI + "MB" : bytes / KIBI + "KB";
  }

  static void check(String name) {
    if (!name.matches("[1-9]\\d{0,5}[KMG]B")) {
      throw new InvalidSpecException(
          "\"" + name + "\" is no size of huge pages: write it as the kernel does, as in 2MB");
    }
  }

  /** That {@code limit} is a number of whole pages: the kernel would round it. */
  static void checkWhole(Bytes size, Bytes limit) {
    if (limit.count() % size.count() != 0) {
      throw new InvalidSpecException(
          "a limit of " + limit + " is no number of whole huge pages of " + size);
    }
  }
}
