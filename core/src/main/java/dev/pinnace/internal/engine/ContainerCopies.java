package dev.pinnace.internal.engine;

import dev.pinnace.error.ConflictException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.internal.content.AnyCompression;
import dev.pinnace.internal.copy.CopySource;
import dev.pinnace.internal.copy.CopyTarget;
import dev.pinnace.internal.copy.EntryOwners;
import dev.pinnace.internal.engine.ContainerTrees.OpenTree;
import dev.pinnace.internal.layer.IdMap;
import dev.pinnace.internal.state.ContainerRecord;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.oci.RuntimeConfig;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.CopyOptions;
import dev.pinnace.spec.FileSpec;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Copies files into containers and out of them. Thread-safe. */
final class ContainerCopies {
  private static final Logger LOG = LoggerFactory.getLogger(ContainerCopies.class);
  private static final Path HOST = Path.of("/");

  private final Parts parts;
  private final ContainerLookup lookup;
  private final ContainerTrees trees;

  ContainerCopies(Parts parts, ContainerLookup lookup, ContainerTrees trees) {
    this.parts = parts;
    this.lookup = lookup;
    this.trees = trees;
  }

  /** Writes what is at {@code path} of the container as a tar. */
  void out(ContainerId id, String path, OutputStream tar, CopyOptions options) {
    ContainerRecord record = lookup.record(id);
    copy(
        record,
        tree -> {
          source(tree, record, path, options).write(tar);
          return List.of();
        });
  }

  /** The same to the host. */
  void out(ContainerId id, String path, Path target, CopyOptions options) {
    refuseOwners(options);
    ContainerRecord record = lookup.record(id);
    EntryOwners owners = EntryOwners.onHost(options.keepOwners());
    String place = absolute(target);
    copy(
        record,
        tree -> {
          CopySource source = source(tree, record, path, options);
          if (source.isDevice() && !options.keepOwners()) {
            throw new InvalidSpecException(
                source.shown() + " is a device, which is copied with its owner only (cp -a)");
          }
          try (Dir host = Dir.open(HOST)) {
            return new CopyTarget(host, owners, parts.work(), new Checks(record, tree, false))
                .take(source, place);
          }
        });
  }

  private CopySource source(
      OpenTree tree, ContainerRecord record, String path, CopyOptions options) {
    return CopySource.inContainer(tree.root(), ids(record), path, options.followLinks());
  }

  /** Copies what is at {@code source} of the host to {@code path} of the container. */
  void in(ContainerId id, Path source, String path, CopyOptions options) {
    refuseOwners(options);
    ContainerRecord record = lookup.record(id);
    try (Dir host = Dir.open(HOST)) {
      CopySource from = CopySource.onHost(host, absolute(source), options.followLinks());
      copy(record, tree -> target(tree, record, options).take(from, path));
    }
  }

  /** Unpacks an archive into a directory of the container. */
  void in(ContainerId id, InputStream tar, String directory, CopyOptions options) {
    refuseOwners(options);
    ContainerRecord record = lookup.record(id);
    copy(
        record,
        tree -> {
          try (InputStream plain = AnyCompression.decompress(unclosed(tar), "the archive")) {
            return target(tree, record, options).unpack(plain, directory);
          }
        });
  }

  /** Copies files into a container that is being made; its lock is held. */
  void prepare(ContainerRecord record, List<FileSpec> files) {
    if (files.isEmpty()) {
      return;
    }
    boolean owned = files.stream().anyMatch(file -> file.uid() != 0 || file.gid() != 0);
    refuseOwners(new CopyOptions(false, owned));
    copied(
        record,
        () ->
            trees.ofNew(
                record,
                tree -> {
                  CopyTarget target = target(tree, record, new CopyOptions(false, true));
                  List<String> lost = new ArrayList<>();
                  for (FileSpec file : files) {
                    String directory = target.directoryAbove(file.path());
                    String name = file.path().substring(directory.length());
                    try (InputStream tar = FileArchive.of(file, name)) {
                      lost.addAll(target.unpack(tar, directory));
                    }
                  }
                  return lost;
                }));
  }

  private static InputStream unclosed(InputStream in) {
    return new FilterInputStream(in) {
      @Override
      public int read(byte[] into, int from, int length) throws IOException {
        return in.read(into, from, length);
      }

      @Override
      public void close() {}
    };
  }

  private CopyTarget target(OpenTree tree, ContainerRecord record, CopyOptions options) {
    EntryOwners owners = EntryOwners.inContainer(ids(record), options.keepOwners(), parts.ids());
    return new CopyTarget(
        tree.root(), owners, parts.work(), new Checks(record, tree, tree.isHeld()));
  }

  /**
   * What is looked at on the way.
   *
   * @param memoryIsLost whether what is copied into a tmpfs would be gone at once
   */
  private record Checks(ContainerRecord record, OpenTree tree, boolean memoryIsLost)
      implements CopyTarget.Check {
    private static final Set<String> MEMORY = Set.of("tmpfs", "ramfs");

    @Override
    public void place(String place) {
      Optional<RuntimeConfig.Mount> over =
          record.config().mounts().stream()
              .filter(mount -> ("/" + place + "/").startsWith(mount.destination() + "/"))
              .max(Comparator.comparingInt(mount -> mount.destination().length()));
      if (memoryIsLost && over.filter(mount -> MEMORY.contains(mount.type())).isPresent()) {
        throw new ConflictException(
            over.get().destination()
                + " of container "
                + record.name()
                + " is in memory and begins empty at each start: start it before the copy");
      }
    }

    @Override
    public void file() {
      tree.ensureCurrent().run();
    }
  }

  private IdMap ids(ContainerRecord record) {
    return ContainerIds.written(parts, record);
  }

  private static String absolute(Path path) {
    if (path.getFileSystem() != FileSystems.getDefault()) {
      throw new InvalidSpecException(
          path + " is not on the host's file system but in " + path.getFileSystem());
    }
    if (path.toString().isEmpty()) {
      throw new InvalidSpecException("the path on the host is empty: give . for this directory");
    }
    return path.toAbsolutePath().toString();
  }

  private void refuseOwners(CopyOptions options) {
    if (options.keepOwners() && !parts.ids()) {
      throw new UnsupportedException(
          "a copy that keeps its owners",
          "an ordinary user has one id to give",
          "copy without them: files become those of root in the container, and yours on the host");
    }
  }

  private void copy(ContainerRecord record, ContainerTrees.Use<List<String>> copying) {
    copied(record, () -> trees.use(record, copying));
  }

  /** A copy that answers what could not be kept. */
  private interface Copy {
    List<String> run() throws IOException;
  }

  private static void copied(ContainerRecord record, Copy copy) {
    try {
      copy.run().forEach(lost -> LOG.warn("copying, container {}: {}", record.name(), lost));
    } catch (IOException failure) {
      throw new UncheckedIOException(
          "cannot copy files of container " + record.name() + ": " + failure.getMessage(), failure);
    }
  }
}
