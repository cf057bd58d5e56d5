package dev.pinnace.internal.image.layout;

import dev.pinnace.error.InvalidSpecException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How much a compressed archive may unpack to, so that a small download cannot fill the disk.
 *
 * @param most bytes, whatever it was compressed from: half of what is free where it is unpacked,
 *     for what it holds is stored once more, and 256 GiB at most
 * @param unsuspicious bytes up to which the ratio does not matter: 1 GiB
 * @param ratio of what it unpacks to and what it was compressed from, beyond that: 200
 */
record UnpackLimit(long most, long unsuspicious, long ratio) {
  private static final long LARGEST = 256L << 30;

  static UnpackLimit in(Path directory) throws IOException {
    long free = Files.getFileStore(directory).getUsableSpace();
    return new UnpackLimit(Math.min(free / 2, LARGEST), 1L << 30, 200);
  }

  /**
   * @param compressed bytes that were read so far
   * @param unpacked bytes that this gave
   */
  void check(long compressed, long unpacked, String archive) {
    if (unpacked > most) {
      throw refused(
          archive,
          "it unpacks to more than " + most + " bytes, for which there is no room here",
          "make room below the root, or unpack it elsewhere and load the directory");
    }
    if (unpacked > unsuspicious && unpacked / ratio > compressed) {
      throw refused(
          archive,
          compressed + " bytes of it unpack to more than " + unpacked + ", as nothing useful does",
          "if you trust it, unpack it and load the tar");
    }
  }

  private static InvalidSpecException refused(String archive, String why, String fix) {
    return new InvalidSpecException(archive + " is refused: " + why + ": " + fix);
  }
}
