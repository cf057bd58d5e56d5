package dev.pinnace.internal.image.transfer;

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
public record UnpackLimit(long most, long unsuspicious, long ratio) {
  /** Says how much may be unpacked in a directory. */
  @FunctionalInterface
  public interface Source {
    /** The limit there and now. */
    UnpackLimit in(Path directory) throws IOException;
  }

  /** The usual limit. */
  public static UnpackLimit in(Path directory) throws IOException {
    long free = Files.getFileStore(directory).getUsableSpace();
    return new UnpackLimit(Math.min(free / 2, ImageLimit.MOST), 1L << 30, 200);
  }

  /**
   * Refuses an archive that goes beyond it.
   *
   * @param compressed bytes that were read so far
   * @param unpacked bytes that this gave
   * @param archive how messages call it
   * @throws InvalidSpecException when it does
   */
  public void check(long compressed, long unpacked, String archive) {
    if (unpacked > most) {
      throw refused(
          archive,
          "it unpacks to more than " + most + " bytes, for which there is no room here",
          "make room below the root");
    }
    if (unpacked > unsuspicious && unpacked / ratio > compressed) {
      throw refused(
          archive,
          compressed + " bytes of it unpack to more than " + unpacked + ", as nothing useful does",
          "if you trust it, decompress it yourself and give what comes out");
    }
  }

  private static InvalidSpecException refused(String archive, String why, String fix) {
    return new InvalidSpecException(archive + " is refused: " + why + ": " + fix);
  }
}
