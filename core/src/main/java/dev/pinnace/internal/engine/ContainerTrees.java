package dev.pinnace.internal.engine;

import dev.pinnace.error.ConflictException;
import dev.pinnace.internal.content.Lease;
import dev.pinnace.internal.state.ContainerRecord;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.LockFile;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spi.isolation.ContainerPlace;
import dev.pinnace.spi.isolation.RunRequest;
import dev.pinnace.spi.isolation.RunningContainer;
import dev.pinnace.spi.isolation.RunningContainer.OpenRoot;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Optional;
import java.util.Set;

/**
 * Opens the files of containers as these see them, with all that is mounted there. That of a
 * container which runs is its own root directory; one that does not run is set up as for a start,
 * as a container of its own that nobody knows, and goes no further. Thread-safe.
 */
final class ContainerTrees {
  private final Parts parts;
  private final LiveContainers live;
  private final ContainerLookup lookup;
  private final Creation creation;

  ContainerTrees(Parts parts, LiveContainers live, ContainerLookup lookup, Creation creation) {
    this.parts = parts;
    this.live = live;
    this.lookup = lookup;
    this.creation = creation;
  }

  /** What is done with a root directory. */
  interface Use<T> {
    T of(Dir root) throws IOException;
  }

  /**
   * Opens the root directory of a container for as long as it is used. One that does not run is
   * neither started nor removed meanwhile.
   *
   * @throws ConflictException if it is between two runs
   */
  <T> T use(ContainerRecord record, Use<T> use) throws IOException {
    Optional<OpenRoot> running = ofRunning(record);
    if (running.isPresent()) {
      return use(record, running.get(), use);
    }
    try (LockFile lock = parts.store().lock(record.id())) {
      Optional<OpenRoot> started = ofRunning(record);
      return started.isPresent() ? use(record, started.get(), use) : ofStopped(record, use);
    }
  }

  private static <T> T use(ContainerRecord record, OpenRoot root, Use<T> use) throws IOException {
    try (root;
        Dir opened = Dir.open(root.path());
        Dir dir = Dir.of(opened.fd().duplicate(), record.name() + ":")) {
      return use.of(dir);
    }
  }

  private Optional<OpenRoot> ofRunning(ContainerRecord record) {
    Optional<RunningContainer> running =
        live.find(record.id(), lookup.place(record)).filter(c -> !c.exit().isDone());
    if (running.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(running.get().root());
    } catch (ConflictException noRoot) {
      if (running.get().exit().isDone()) {
        return Optional.empty();
      }
      throw new ConflictException(
          "the files of container "
              + record.name()
              + " cannot be reached between two of its runs:"
              + " try again, or stop it",
          noRoot);
    }
  }

  private <T> T ofStopped(ContainerRecord record, Use<T> use) throws IOException {
    Endings.awaitRelease(parts.isolation(), lookup.place(record));
    try (Lease lease =
        parts.images().content().lease(record.topLayer().map(Set::of).orElse(Set.of()))) {
      creation.restoreLayers(record);
      creation.refresh(record);
      return held(record, use);
    } finally {
      parts.images().release(Optional.of(record.imageId()), () -> {});
    }
  }

  /** Whatever a kill of this JVM leaves of it is removed as what was left of a start. */
  private <T> T held(ContainerRecord record, Use<T> use) throws IOException {
    ContainerId id = Names.id();
    try (LockFile lock = parts.store().begin(id)) {
      try {
        ContainerPlace place = parts.store().place(id, false);
        Files.createDirectory(place.logs());
        RunRequest request =
            Requests.of(
                    parts, record, parts.storage().open(parts.store().layer(record.id())).mount())
                .heldAt(place);
        return use(record, parts.isolation().mount(request), use);
      } finally {
        parts.store().remove(id, Optional.empty(), () -> {});
      }
    }
  }
}
