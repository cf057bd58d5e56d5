package dev.pinnace.spec;

import dev.pinnace.error.InvalidSpecException;

/**
 * How much of a container's output is kept. When a file is full the next one begins and the oldest
 * goes, so that a chatty container cannot fill the disk.
 *
 * @param bytesPerFile at least 4 KiB; zero keeps no log
 * @param files 1 to 100
 */
public record LogSpec(Bytes bytesPerFile, int files) {
  private static final Bytes LEAST = Bytes.kibi(4);

  /** 10 MiB a file, three files. */
  public static final LogSpec DEFAULT = new LogSpec(Bytes.mebi(10), 3);

  public LogSpec {
    if (files < 1 || files > 100) {
      throw new InvalidSpecException("a log has 1 to 100 files, not " + files);
    }
    if (bytesPerFile.count() != 0 && bytesPerFile.compareTo(LEAST) < 0) {
      throw new InvalidSpecException(
          "a log file of " + bytesPerFile + " is too small: at least " + LEAST);
    }
  }
}
