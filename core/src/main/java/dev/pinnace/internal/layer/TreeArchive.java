package dev.pinnace.internal.layer;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.PinnaceException;
import java.io.IOException;
import java.util.Optional;

/**
 * All files of a container as one archive, without the root directory itself: what {@code docker
 * export} writes.
 */
public final class TreeArchive {
  private TreeArchive() {}

  /**
   * Writes everything that {@code view} shows; the archive's end is the caller's to write.
   *
   * @throws CancelledException if the thread is interrupted between files; the flag stays set
   * @throws PinnaceException if a path is deeper or longer than {@link LayerLimits} takes
   */
  public static void write(LayerView view, TarWriter tar) throws IOException {
    try (TreeEntries entries = new TreeEntries(tar);
        MergedDir root = view.all()) {
      Optional<Found> self = root.self();
      if (self.isPresent()) {
        entries.contents(root, self.get().stat().fileSystem(), "");
      }
    }
  }
}
