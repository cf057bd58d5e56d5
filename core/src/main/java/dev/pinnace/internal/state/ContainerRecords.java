package dev.pinnace.internal.state;

import dev.pinnace.error.PinnaceException;
import dev.pinnace.internal.durable.Durable;
import dev.pinnace.spec.ContainerId;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The files that say what containers are. A container that is kept has its record in {@code
 * containers/<id>}; one that is removed at its end has it in the run directory. Thread-safe.
 */
final class ContainerRecords {
  static final String FILE = "container.json";

  private final RootLayout layout;
  private final ReadRecords known = new ReadRecords();

  ContainerRecords(RootLayout layout) {
    this.layout = layout;
  }

  private Path kept(ContainerId id) {
    return layout.container(id).resolve(FILE);
  }

  private Path fleeting(ContainerId id) {
    return layout.run(id).resolve(FILE);
  }

  void write(ContainerRecord record) {
    boolean isKept = !record.spec().lifecycle().autoRemove();
    Path file = isKept ? kept(record.id()) : fleeting(record.id());
    try {
      Durable.write(file, known.encode(file, record), isKept);
    } catch (IOException | UncheckedIOException e) {
      throw new PinnaceException(
          "cannot write the record of container " + record.name() + ": " + e.getMessage(), e);
    }
  }

  /** A container's record; empty if there is no such container. */
  Optional<ContainerRecord> read(ContainerId id) {
    Optional<ContainerRecord> kept = read(kept(id));
    return kept.isPresent() ? kept : read(fleeting(id));
  }

  /** What is no file is not opened, and no link followed: a FIFO would never be read to its end. */
  private Optional<ContainerRecord> read(Path file) {
    try {
      if (!Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
          .isRegularFile()) {
        throw RecordCodec.damaged(file.toString(), "it is not a regular file", null);
      }
      try (InputStream record = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
        return Optional.of(known.decode(file, record.readAllBytes()));
      }
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  /** The record as it was read or written last; empty if it was not, or was removed here. */
  Optional<ContainerRecord> remembered(ContainerId id) {
    return known.last(kept(id)).or(() -> known.last(fleeting(id)));
  }

  /** Forgets the record of a container that is removed. */
  void forget(ContainerId id) {
    known.forget(kept(id));
    known.forget(fleeting(id));
  }

  /** Removes the record, wherever it is. */
  void delete(ContainerId id) {
    forget(id);
    for (Path file : new Path[] {kept(id), fleeting(id)}) {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        throw new UncheckedIOException("cannot remove " + file, e);
      }
    }
  }

  /** Whether there is a record, be it readable or not. */
  boolean isRecorded(ContainerId id) {
    return isKept(id) || !Files.notExists(fleeting(id), LinkOption.NOFOLLOW_LINKS);
  }

  /** Whether its record is where those of containers are that outlive their end. */
  boolean isKept(ContainerId id) {
    return !Files.notExists(kept(id), LinkOption.NOFOLLOW_LINKS);
  }

  /** Whether there is anything of it. */
  boolean hasDirectory(ContainerId id) {
    return !Files.notExists(layout.container(id)) || !Files.notExists(layout.run(id));
  }

  /** The ids of all directories, of containers and leftovers. */
  Set<ContainerId> ids() {
    Set<String> found = new TreeSet<>();
    for (Path directory : new Path[] {layout.containers(), layout.run()}) {
      try (Stream<Path> children = Files.list(directory)) {
        children
            .map(c -> c.getFileName().toString())
            .filter(n -> n.matches("[0-9a-f]{64}"))
            .forEach(found::add);
      } catch (NoSuchFileException | NotDirectoryException e) {
        throw new PinnaceException(
            "the directory " + directory + " is gone: was it deleted while an engine had it open?",
            e);
      } catch (IOException e) {
        throw new UncheckedIOException("cannot list " + directory, e);
      }
    }
    Set<ContainerId> ids = new LinkedHashSet<>();
    found.forEach(hex -> ids.add(new ContainerId(hex)));
    return ids;
  }
}
