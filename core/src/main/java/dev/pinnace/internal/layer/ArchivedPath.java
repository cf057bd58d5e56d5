package dev.pinnace.internal.layer;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.linux.file.FileName;

/** Paths on the way into an archive: none may be more than whoever unpacks it takes. */
final class ArchivedPath {
  private static final LayerLimits LIMITS = LayerLimits.defaults();

  private ArchivedPath() {}

  /**
   * Goes on with {@code path}.
   *
   * @throws CancelledException if the thread is interrupted; the flag stays set
   * @throws PinnaceException if no archive may have it: containers nest directories without end
   */
  static void next(String path) {
    if (Thread.currentThread().isInterrupted()) {
      throw new CancelledException(
          "interrupted while reading the container's files, at " + FileName.display(path));
    }
    if (path.length() > LIMITS.depth() && components(path) > LIMITS.depth()) {
      throw refused(path, "is more than " + LIMITS.depth() + " levels deep");
    }
    if (path.length() > LIMITS.name() / 4 && FileName.encode(path).length > LIMITS.name()) {
      throw refused(path, "has more than " + LIMITS.name() + " bytes");
    }
  }

  private static int components(String path) {
    return (int) path.chars().filter(c -> c == '/').count() + 1;
  }

  private static PinnaceException refused(String path, String why) {
    return new PinnaceException(
        "the container's files cannot be archived: the path "
            + FileName.display(path)
            + " "
            + why
            + ", and could not be unpacked; remove it in the container");
  }
}
