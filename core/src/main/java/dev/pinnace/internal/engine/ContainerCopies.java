package dev.pinnace.internal.engine;

import dev.pinnace.error.UnsupportedException;
import dev.pinnace.internal.content.AnyCompression;
import dev.pinnace.internal.copy.CopySource;
import dev.pinnace.internal.copy.CopyTarget;
import dev.pinnace.internal.copy.EntryOwners;
import dev.pinnace.internal.layer.IdMap;
import dev.pinnace.internal.state.ContainerRecord;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.CopyOptions;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
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
        root -> {
          CopySource.inContainer(root, ids(record), path, options.followLinks()).write(tar);
          return List.of();
        });
  }

  /** The same to the host. */
  void out(ContainerId id, String path, Path target, CopyOptions options) {
    refuseOwners(options);
    ContainerRecord record = lookup.record(id);
    EntryOwners owners = EntryOwners.onHost(options.keepOwners());
    copy(
        record,
        root -> {
          try (Dir host = Dir.open(HOST)) {
            return new CopyTarget(host, owners, parts.work())
                .take(
                    CopySource.inContainer(root, ids(record), path, options.followLinks()),
                    absolute(target));
          }
        });
  }

  /** Copies what is at {@code source} of the host to {@code path} of the container. */
  void in(ContainerId id, Path source, String path, CopyOptions options) {
    refuseOwners(options);
    ContainerRecord record = lookup.record(id);
    try (Dir host = Dir.open(HOST)) {
      CopySource from = CopySource.onHost(host, absolute(source), options.followLinks());
      copy(record, root -> target(root, record, options).take(from, path));
    }
  }

  /** Unpacks an archive into a directory of the container. */
  void in(ContainerId id, InputStream tar, String directory, CopyOptions options) {
    refuseOwners(options);
    ContainerRecord record = lookup.record(id);
    copy(
        record,
        root -> {
          try (InputStream plain = AnyCompression.decompress(tar, "the archive")) {
            return target(root, record, options).unpack(plain, directory);
          } catch (IOException failure) {
            throw AnyCompression.explained(failure, "the archive");
          }
        });
  }

  private CopyTarget target(Dir root, ContainerRecord record, CopyOptions options) {
    EntryOwners owners = EntryOwners.inContainer(ids(record), options.keepOwners(), parts.ids());
    return new CopyTarget(root, owners, parts.work());
  }

  private IdMap ids(ContainerRecord record) {
    return ContainerIds.written(parts, record);
  }

  private static String absolute(Path path) {
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
    try {
      trees
          .use(record, copying)
          .forEach(lost -> LOG.warn("copying, container {}: {}", record.name(), lost));
    } catch (IOException failure) {
      throw new UncheckedIOException(
          "cannot copy files of container " + record.name() + ": " + failure.getMessage(), failure);
    }
  }
}
