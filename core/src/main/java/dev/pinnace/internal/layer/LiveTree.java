package dev.pinnace.internal.layer;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.internal.layer.LayerView.Part;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.FileName;
import dev.pinnace.linux.file.FileSystemInfo;
import dev.pinnace.spi.storage.Whiteouts;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Part of a tree that is in use, as an archive: of a container with all that is mounted in it, or
 * of the host. What the kernel makes up itself, as in proc(5), is left out, and is an empty
 * directory there. Whoever uses the tree may change it meanwhile, and gains nothing by that: no
 * name is looked up outside of it, and nothing but regular files and directories is opened.
 */
public final class LiveTree {
  private final TreeEntries entries;

  private LiveTree(TreeEntries entries) {
    this.entries = entries;
  }

  /**
   * Writes what is at {@code path} of {@code tree} and, of a directory, everything in it; the
   * archive's end is the caller's to write.
   *
   * @param path without symbolic links; empty for {@code tree} itself
   * @param name what it is called in the archive; {@code .} for the place where that is unpacked
   * @param itself whether a directory has an entry of its own, beside those of its contents
   * @param ids whose the files are
   * @param own whether permissions that their owner lacks may be added for a while: see {@link
   *     OwnFile}
   * @throws NotFoundException if there is nothing there
   * @throws InvalidSpecException if it cannot be archived: a socket, or the kernel's own
   * @throws CancelledException if the thread is interrupted between files; the flag stays set
   * @throws PinnaceException if a path is deeper or longer than {@link LayerLimits} takes
   */
  public static void write(
      Dir tree, String path, String name, boolean itself, IdMap ids, boolean own, TarWriter tar)
      throws IOException {
    int slash = path.lastIndexOf('/');
    try (Dir parent = tree.openDirFollowing(slash < 0 ? "." : path.substring(0, slash));
        MergedDir dir = MergedDir.of(List.of(new Part(parent, ids, own)), Whiteouts.REMOVE);
        TreeEntries entries = new TreeEntries(tar)) {
      LiveTree live = new LiveTree(entries);
      if (path.isEmpty()) {
        live.directory(dir, dir.self().orElseThrow(), name, itself);
        return;
      }
      Found found =
          dir.find(path.substring(slash + 1))
              .orElseThrow(
                  () ->
                      new NotFoundException(
                          "there is no " + FileName.display("/" + path) + " any more"));
      if (dir.fileSystem().isPseudo()) {
        throw refused(path, dir.fileSystem());
      }
      if (found.stat().isDirectory()) {
        live.named(dir, found, path, name, itself);
      } else if (!entries.file(name, found)) {
        throw new InvalidSpecException(
            FileName.display("/" + path)
                + " cannot be copied: it is a socket, or has just vanished");
      }
    }
  }

  private void named(MergedDir parent, Found found, String path, String name, boolean itself)
      throws IOException {
    Optional<MergedDir> entered = parent.enter(found);
    if (entered.isEmpty()) {
      throw new NotFoundException(
          "there is no directory " + FileName.display("/" + path) + " any more");
    }
    try (MergedDir dir = entered.get()) {
      if (dir.fileSystem().isPseudo()) {
        throw refused(path, dir.fileSystem());
      }
      directory(dir, found, name, itself);
    }
  }

  private static InvalidSpecException refused(String path, FileSystemInfo fileSystem) {
    return new InvalidSpecException(
        FileName.display("/" + path)
            + " cannot be copied: it is made up by the kernel ("
            + fileSystem.name()
            + "); have a program in the container read it");
  }

  private void directory(MergedDir dir, Found found, String name, boolean itself)
      throws IOException {
    if (itself) {
      entries.directory(name, found);
    }
    entries.contents(dir, found.stat().fileSystem(), name.equals(".") ? "" : name + "/");
  }
}
