package dev.pinnace.internal.copy;

import dev.pinnace.error.ConflictException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.internal.layer.IdMap;
import dev.pinnace.internal.layer.LiveTree;
import dev.pinnace.internal.layer.TarWriter;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.FileType;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/** What is to be copied: a file, or a directory with all that is in it. For one thread. */
public final class CopySource {
  private static final int BUFFER = 1 << 18;

  private final Dir tree;
  private final IdMap ids;
  private final boolean own;
  private final TreePath path;

  private CopySource(Dir tree, IdMap ids, boolean own, TreePath path) {
    this.tree = tree;
    this.ids = ids;
    this.own = own;
    this.path = path;
  }

  /**
   * Finds it on the host.
   *
   * @param tree the host's root; it stays the caller's
   * @param path as in {@code docker cp}: {@code dir/.} is what is in it
   * @param followLink whether a link is copied as what it leads to
   * @throws NotFoundException if there is no such file
   * @throws ConflictException if it is a file and the path that of a directory
   */
  public static CopySource onHost(Dir tree, String path, boolean followLink) {
    return in(tree, IdMap.NONE, false, path, followLink);
  }

  /**
   * The same in a container.
   *
   * @param tree its root; it stays the caller's
   * @param ids whose the files there are
   */
  public static CopySource inContainer(Dir tree, IdMap ids, String path, boolean followLink) {
    return in(tree, ids, true, path, followLink);
  }

  private static CopySource in(Dir tree, IdMap ids, boolean own, String path, boolean followLink) {
    TreePath found = TreePath.of(tree, path, followLink);
    if (found.stat().isEmpty()) {
      throw new NotFoundException("there is no " + found.shown());
    }
    if (found.isOfDirectory() && !found.isDirectory()) {
      throw new ConflictException(found.shown() + " is not a directory");
    }
    return new CopySource(tree, ids, own, found);
  }

  boolean isDirectory() {
    return path.isDirectory();
  }

  /** Whether it is what is in a directory, without a name of its own. */
  boolean isContents() {
    return path.isOfContents() || path.name().isEmpty();
  }

  /** Whether it is a device itself. */
  public boolean isDevice() {
    FileType type = path.stat().orElseThrow().type();
    return type == FileType.CHARACTER_DEVICE || type == FileType.BLOCK_DEVICE;
  }

  String name() {
    return path.name();
  }

  /** As a message says it. */
  public String shown() {
    return path.shown();
  }

  /** Writes it as a tar, under its own name. */
  public void write(OutputStream out) throws IOException {
    write(out, isContents() ? "." : path.name(), true);
  }

  /** The same as what is to take a place that is already decided. */
  void writeNameless(OutputStream out, boolean itself) throws IOException {
    write(out, ".", itself);
  }

  private void write(OutputStream out, String name, boolean itself) throws IOException {
    try (TarWriter tar = new TarWriter(new BufferedOutputStream(out, BUFFER))) {
      LiveTree.write(tree, path.place(), name, itself, ids, own, tar);
    }
  }
}
