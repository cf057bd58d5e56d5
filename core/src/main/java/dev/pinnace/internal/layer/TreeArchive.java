package dev.pinnace.internal.layer;

import dev.pinnace.error.CancelledException;
import dev.pinnace.linux.file.FileName;
import java.io.IOException;
import java.util.Optional;

/**
 * All files of a container as one archive, without the root directory itself: what {@code docker
 * export} writes.
 */
public final class TreeArchive {
  private final TreeEntries entries;

  private TreeArchive(TreeEntries entries) {
    this.entries = entries;
  }

  /**
   * Writes everything that {@code view} shows; the archive's end is the caller's to write.
   *
   * @throws CancelledException if the thread is interrupted between files; the flag stays set
   */
  public static void write(LayerView view, TarWriter tar) throws IOException {
    try (TreeEntries entries = new TreeEntries(tar);
        MergedDir root = view.all()) {
      new TreeArchive(entries).contents(root, "");
    }
  }

  private void contents(MergedDir dir, String prefix) throws IOException {
    for (Found found : dir.children().values()) {
      String path = prefix + found.name();
      checkInterrupt(path);
      if (!found.stat().isDirectory()) {
        entries.file(path, found);
        continue;
      }
      Optional<MergedDir> entered = dir.enter(found);
      if (entered.isPresent()) {
        try (MergedDir child = entered.get()) {
          entries.directory(path, found);
          contents(child, path + "/");
        }
      }
    }
  }

  static void checkInterrupt(String path) {
    if (Thread.currentThread().isInterrupted()) {
      throw new CancelledException(
          "interrupted while reading the container's files, at " + FileName.display(path));
    }
  }
}
