package dev.pinnace.internal.layer;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.CorruptException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.Fcntl;
import dev.pinnace.linux.file.FileName;
import dev.pinnace.linux.file.FileStat;
import dev.pinnace.linux.file.Inode;
import dev.pinnace.linux.file.WriteBuffer;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;

/**
 * Applies an uncompressed layer to a directory (image-spec, <i>Applying changesets</i>). Per entry:
 * create, owner, extended attributes, permissions, times; times of directories last. Every path is
 * resolved inside the directory. A directory over a directory merges, anything else replaces; the
 * last of duplicate paths wins; symbolic links are stored verbatim.
 *
 * <p>After an exception the directory holds part of the layer: the caller removes it. One use, not
 * thread-safe.
 */
public final class LayerApplier implements AutoCloseable {
  private static final int WRITE_BUFFER = 256 * 1024;

  private final LayerOptions options;
  private final Adaptation adaptation;
  private final LayerTree tree;
  private final LayerAttributes attributes;
  private final LayerWhiteouts whiteouts;
  private final WriteBuffer buffer = WriteBuffer.ofSize(WRITE_BUFFER);

  /** What becomes of an entry before it is unpacked; empty for one that is left out. */
  @FunctionalInterface
  public interface Adaptation {
    Optional<TarEntry> of(TarEntry entry);

    /** Whose a directory becomes that is made because the archive does not have it. */
    default Optional<TarEntry> implied() {
      return Optional.empty();
    }
  }

  private LayerApplier(Dir target, LayerOptions options, Adaptation adaptation) {
    this.options = options;
    this.adaptation = adaptation;
    this.attributes = new LayerAttributes(options);
    this.tree = new LayerTree(target, options, attributes, adaptation.implied());
    this.whiteouts = new LayerWhiteouts(tree, options);
  }

  /**
   * Applies {@code tar} to {@code target} and reads it to its end.
   *
   * @throws CorruptException if the archive is damaged or does not fit itself; it names the entry
   * @throws InvalidSpecException if an entry is refused or a limit exceeded; it names the entry
   * @throws PinnaceException if the file system refuses: no space, no permission
   * @throws CancelledException if the thread is interrupted between entries; the flag stays set
   * @throws IOException from the stream
   */
  public static LayerResult apply(InputStream tar, Dir target, LayerOptions options)
      throws IOException {
    return apply(tar, target, options, Optional::of);
  }

  /** The same for what {@code adaptation} makes of the entries. */
  public static LayerResult apply(
      InputStream tar, Dir target, LayerOptions options, Adaptation adaptation) throws IOException {
    return fill(tar, target, options, adaptation).complete(options.lowers());
  }

  /**
   * The same, but for what needs the layers below: {@code options} need not have them, and {@code
   * target} is kept open until the layer is completed.
   */
  public static FilledLayer fill(InputStream tar, Dir target, LayerOptions options)
      throws IOException {
    return fill(tar, target, options, Optional::of);
  }

  private static FilledLayer fill(
      InputStream tar, Dir target, LayerOptions options, Adaptation adaptation) throws IOException {
    try (LayerApplier applier = new LayerApplier(target, options, adaptation)) {
      return applier.run(new TarReader(tar, options.limits()));
    }
  }

  private FilledLayer run(TarReader reader) throws IOException {
    TarEntry entry;
    while ((entry = reader.next()) != null) {
      if (Thread.currentThread().isInterrupted()) {
        throw new CancelledException(
            "unpacking the archive was interrupted at entry " + FileName.display(entry.name()));
      }
      Optional<TarEntry> adapted = adaptation.of(entry);
      if (adapted.isPresent()) {
        unpack(adapted.get(), reader);
      }
    }
    reader.finish();
    long tarBytes = reader.tarBytes();
    long contentBytes = reader.contentBytes();
    int entries = reader.entries();
    return new FilledLayer(
        tree, () -> new LayerResult(tarBytes, contentBytes, entries, attributes.warnings()));
  }

  private void unpack(TarEntry entry, TarReader reader) throws IOException {
    try {
      apply(entry, reader);
    } catch (ErrnoException refusal) {
      throw refused(entry, refusal);
    }
  }

  private void apply(TarEntry entry, TarReader reader) throws IOException {
    LayerPath path = LayerPath.of(entry.name(), options.limits().depth());
    if (path.isRoot()) {
      if (entry.type() != TarType.DIRECTORY) {
        throw new InvalidSpecException(
            "the archive is refused: entry "
                + FileName.display(entry.name())
                + " would replace the root directory");
      }
      tree.applyRoot(entry);
      return;
    }
    if (options.hasWhiteouts() && isMark(entry, path)) {
      return;
    }
    Dir parent = tree.parent(path);
    switch (entry.type()) {
      case DIRECTORY -> directory(entry, path, parent);
      case REGULAR -> regular(entry, path, parent, reader);
      case HARDLINK -> hardlink(entry, path, parent);
      default -> special(entry, path, parent);
    }
    tree.brought(path.path());
  }

  /** Whether the entry was one that stands for something else, which is done then. */
  private boolean isMark(TarEntry entry, LayerPath path) {
    if (path.isAufsMetadata()) {
      attributes.warn("entry " + FileName.display(entry.name()) + " of aufs was passed over");
      return true;
    }
    if (path.isOpaqueMark()) {
      whiteouts.opaque(path.parent());
      return true;
    }
    if (path.isWhiteout()) {
      whiteouts.hide(path.hidden());
      return true;
    }
    if (entry.type() == TarType.CHARACTER_DEVICE
        && entry.deviceMajor() == 0
        && entry.deviceMinor() == 0) {
      // What an overlay's upper directory holds in place of a deleted file.
      whiteouts.hide(path);
      return true;
    }
    return false;
  }

  private void directory(TarEntry entry, LayerPath path, Dir parent) {
    boolean overWhiteout = false;
    try {
      parent.mkdir(path.name(), 0700);
    } catch (ErrnoException refusal) {
      if (!refusal.is(Errno.EEXIST)) {
        throw refusal;
      }
      FileStat existing = parent.stat(path.name());
      if (!existing.isDirectory()) {
        if (!options.hasWhiteouts()) {
          throw new ConflictException(
              FileName.display("/" + path.path()) + " is there, and no directory: remove it first");
        }
        overWhiteout = existing.isWhiteout();
        tree.remove(parent, path, entry.type());
        parent.mkdir(path.name(), 0700);
      }
    }
    Dir made = tree.enter(parent, path);
    if (overWhiteout) {
      whiteouts.markOpaque(made);
    }
    if (options.hasWhiteouts()) {
      attributes.applyTo(entry, parent, path.name());
    } else {
      attributes.applyToNode(entry, made.fd());
    }
    tree.later(path.path(), entry.permissions(), entry.modified());
  }

  private void regular(TarEntry entry, LayerPath path, Dir parent, TarReader reader)
      throws IOException {
    if (options.hasWhiteouts()) {
      try (Fd file = create(entry, path, parent)) {
        content(entry, reader, file);
        attributes.applyTo(entry, file);
      }
    } else if (tree.isMountPoint(parent, path)) {
      try (Fd file = overwrite(path, parent)) {
        content(entry, reader, file);
      }
    } else {
      copy(entry, path, parent, reader);
    }
  }

  private void content(TarEntry entry, TarReader reader, Fd file) throws IOException {
    SparseMap sparse = entry.sparse();
    if (sparse != null) {
      reader.content(new SparseContent(sparse, file, buffer));
      Inode.resize(file, entry.size());
    } else if (options.hasWhiteouts()) {
      reader.content((bytes, from, length) -> buffer.write(file, bytes, from, length));
    } else {
      reader.content(new HoleyContent(file, buffer));
      Inode.resize(file, entry.size());
    }
  }

  /** What cannot be copied whole leaves nothing, and what is there stays. */
  private void copy(TarEntry entry, LayerPath path, Dir parent, TarReader reader)
      throws IOException {
    boolean replaces = parent.exists(path.name());
    String name = path.name();
    if (replaces) {
      tree.ensureReplaceable(parent, path, entry.type());
      name = partName();
    }
    try (Fd file = parent.open(name, Fcntl.O_WRONLY | Fcntl.O_CREAT | Fcntl.O_EXCL, 0600)) {
      try {
        content(entry, reader, file);
        attributes.applyTo(entry, file);
        if (replaces) {
          parent.rename(name, path.name());
        }
      } catch (IOException | RuntimeException | Error e) {
        removePart(parent, name, e);
        throw e;
      }
    }
  }

  /** Makes something under another name, which takes the place of what is there once it is made. */
  private void replace(TarEntry entry, LayerPath path, Dir parent, Consumer<LayerPath> making) {
    tree.ensureReplaceable(parent, path, entry.type());
    LayerPath part = new LayerPath(path.parent(), partName());
    making.accept(part);
    try {
      parent.rename(part.name(), path.name());
    } catch (RuntimeException | Error e) {
      removePart(parent, part.name(), e);
      throw e;
    }
  }

  private static String partName() {
    return ".pinnace-" + Long.toHexString(ThreadLocalRandom.current().nextLong());
  }

  private static void removePart(Dir parent, String name, Throwable reason) {
    try {
      parent.unlink(name);
    } catch (ErrnoException refusal) {
      if (!refusal.is(Errno.ENOENT)) {
        reason.addSuppressed(refusal);
      }
    }
  }

  /** What is mounted there cannot be replaced: it gets the content, and keeps its attributes. */
  private static Fd overwrite(LayerPath path, Dir parent) {
    Fd file = parent.open(path.name(), Fcntl.O_WRONLY | Fcntl.O_TRUNC | Fcntl.O_NONBLOCK, 0);
    if (!Inode.stat(file).isRegular()) {
      file.close();
      throw new ConflictException(
          FileName.display("/" + path.path()) + " is mounted there and no regular file");
    }
    return file;
  }

  private Fd create(TarEntry entry, LayerPath path, Dir parent) {
    int flags = Fcntl.O_WRONLY | Fcntl.O_CREAT | Fcntl.O_EXCL;
    try {
      return parent.open(path.name(), flags, 0600);
    } catch (ErrnoException refusal) {
      if (!refusal.is(Errno.EEXIST)) {
        throw refusal;
      }
      tree.remove(parent, path, entry.type());
      return parent.open(path.name(), flags, 0600);
    }
  }

  private void hardlink(TarEntry entry, LayerPath path, Dir parent) {
    LayerPath to = linkTarget(entry);
    Optional<FileStat> existing = to.isRoot() ? Optional.empty() : tree.target().find(to.path());
    if (existing.isEmpty() || existing.get().isDirectory() || existing.get().isWhiteout()) {
      throw new CorruptException(
          "the archive is refused: entry "
              + FileName.display(entry.name())
              + " is a hard link to "
              + FileName.display(entry.linkName())
              + ", which is no file that came before it in this archive");
    }
    try (Dir source = tree.target().openDirFollowing(to.parent())) {
      if (linked(source, to, parent, path)) {
        return;
      }
      if (parent.stat(path.name()).isSameFile(existing.get())) {
        return;
      }
      if (options.hasWhiteouts()) {
        tree.remove(parent, path, entry.type());
        parent.linkFrom(source, to.name(), path.name());
      } else {
        replace(entry, path, parent, part -> parent.linkFrom(source, to.name(), part.name()));
      }
    }
  }

  private LayerPath linkTarget(TarEntry entry) {
    try {
      return LayerPath.of(entry.linkName(), options.limits().depth());
    } catch (InvalidSpecException refusal) {
      throw new InvalidSpecException(
          "the target of hard link " + FileName.display(entry.name()) + ": " + refusal.getMessage(),
          refusal);
    }
  }

  private static boolean linked(Dir source, LayerPath to, Dir parent, LayerPath path) {
    try {
      parent.linkFrom(source, to.name(), path.name());
      return true;
    } catch (ErrnoException refusal) {
      if (refusal.is(Errno.EEXIST)) {
        return false;
      }
      throw refusal;
    }
  }

  private void special(TarEntry entry, LayerPath path, Dir parent) {
    try {
      make(entry, path, parent);
    } catch (ErrnoException refusal) {
      if (refusal.is(Errno.EEXIST) && !options.hasWhiteouts()) {
        replace(entry, path, parent, part -> make(entry, part, parent));
      } else if (refusal.is(Errno.EEXIST)) {
        tree.remove(parent, path, entry.type());
        make(entry, path, parent);
      } else if (refusal.is(Errno.EPERM)
          && entry.type().isDevice()
          && options.ownership() == LayerOptions.Ownership.SQUASH) {
        attributes.warn(
            "device "
                + FileName.display(entry.name())
                + " was left out: making it needs CAP_MKNOD outside of user namespaces");
        return;
      } else {
        throw refusal;
      }
    }
    if (options.hasWhiteouts()) {
      attributes.applyTo(entry, parent, path.name());
      parent.utimes(path.name(), entry.modified(), entry.modified());
      return;
    }
    // Somebody else may have put another file there since.
    try (Fd node = parent.open(path.name(), Fcntl.O_PATH, 0)) {
      FileStat stat = Inode.stat(node);
      if (stat.type() == entry.type().fileType() && stat.links() == 1) {
        attributes.applyToNode(entry, node);
        Inode.utimes(node, entry.modified(), entry.modified());
      }
    }
  }

  private static void make(TarEntry entry, LayerPath path, Dir parent) {
    if (entry.type() == TarType.SYMLINK) {
      parent.symlink(entry.linkName(), path.name());
    } else {
      parent.mknod(
          path.name(),
          entry.type().fileType().bits() | (entry.permissions() & 0700),
          entry.deviceMajor(),
          entry.deviceMinor());
    }
  }

  /** The archive's fault where it contradicts itself, else the file system's. */
  private PinnaceException refused(TarEntry entry, ErrnoException refusal) {
    if (!options.hasWhiteouts()) {
      return notCopied(entry, refusal);
    }
    String message =
        "cannot unpack the archive's entry "
            + FileName.display(entry.name())
            + ": "
            + refusal.getMessage();
    boolean archive =
        refusal.is(
            Errno.ENAMETOOLONG,
            Errno.ELOOP,
            Errno.ENOTDIR,
            Errno.EISDIR,
            Errno.ENOENT,
            Errno.EEXIST,
            Errno.EINVAL,
            Errno.EMLINK,
            Errno.EFBIG,
            Errno.ERANGE,
            Errno.E2BIG);
    return archive
        ? new CorruptException(message, refusal)
        : new PinnaceException(message, refusal);
  }

  /** Whatever it is, it comes of the tree, which others change. */
  private static PinnaceException notCopied(TarEntry entry, ErrnoException refusal) {
    String name = FileName.display(entry.name());
    if (refusal.is(Errno.EOVERFLOW)) {
      return new UnsupportedException(
          "a copy to " + name,
          "the kernel lets nobody from outside of the container's user namespace make files there",
          "copy to another directory and have a program in the container move it");
    }
    return new PinnaceException("cannot copy to " + name + ": " + refusal.getMessage(), refusal);
  }

  /** Frees what applying took; the target stays open. */
  @Override
  public void close() {
    tree.close();
    buffer.close();
  }
}
