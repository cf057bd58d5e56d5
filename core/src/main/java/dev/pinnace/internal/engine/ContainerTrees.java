package dev.pinnace.internal.engine;

import dev.pinnace.error.ConflictException;
import dev.pinnace.internal.content.Lease;
import dev.pinnace.internal.state.ContainerRecord;
import dev.pinnace.internal.waiting.Waits;
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
import java.util.function.UnaryOperator;

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
  private final VolumeMounts mounts;

  ContainerTrees(
      Parts parts,
      LiveContainers live,
      ContainerLookup lookup,
      Creation creation,
      VolumeMounts mounts) {
    this.parts = parts;
    this.live = live;
    this.lookup = lookup;
    this.creation = creation;
    this.mounts = mounts;
  }

  /**
   * An open tree.
   *
   * @param root its root directory
   * @param isHeld whether the container does not run
   * @param ensureCurrent fails once the container has ended: nothing is mounted there then
   */
  record OpenTree(Dir root, boolean isHeld, Runnable ensureCurrent) {}

  /** What is done with a tree. */
  interface Use<T> {
    T of(OpenTree tree) throws IOException;
  }

  /**
   * Opens the root directory of a container for as long as it is used. One that does not run is
   * neither started nor removed meanwhile.
   *
   * @throws ConflictException if it is between two runs, or ends meanwhile
   */
  <T> T use(ContainerRecord record, Use<T> use) throws IOException {
    Optional<RunningRoot> running = ofRunning(record, false);
    if (running.isEmpty()) {
      try (LockFile lock = parts.store().lock(record.id())) {
        running = ofRunning(record, true);
        if (running.isEmpty()) {
          return ofStopped(record, use);
        }
      }
    }
    return use(record, running.get(), use);
  }

  /** A root directory, and of which run. */
  private record RunningRoot(RunningContainer container, OpenRoot root, int restarts) {}

  /** One that is being started, by whoever has its lock, has no root yet. */
  private Optional<RunningRoot> ofRunning(ContainerRecord record, boolean locked) {
    Optional<RunningContainer> running =
        live.find(record.id(), lookup.place(record)).filter(c -> !c.exit().isDone());
    if (running.isEmpty()) {
      return Optional.empty();
    }
    RunningContainer container = running.get();
    try {
      int restarts = container.status().restarts();
      return Optional.of(new RunningRoot(container, container.root(), restarts));
    } catch (ConflictException noRoot) {
      if (!locked || container.exit().isDone()) {
        return Optional.empty();
      }
      throw new ConflictException(
          "the files of container "
              + record.name()
              + " cannot be reached between two of its runs: try again, or stop it",
          noRoot);
    }
  }

  /** Does the same with a container that is being made: nobody else knows it, and it never ran. */
  <T> T ofNew(ContainerRecord record, Use<T> use) throws IOException {
    creation.refresh(record);
    return held(record, RunRequest::writable, use);
  }

  private static <T> T use(ContainerRecord record, RunningRoot running, Use<T> use)
      throws IOException {
    T result = use(record, running.root(), false, use);
    if (running.container().exit().isDone()
        || running.container().status().restarts() != running.restarts()) {
      throw ended(record);
    }
    return result;
  }

  private static ConflictException ended(ContainerRecord record) {
    return new ConflictException(
        "container "
            + record.name()
            + " ended while its files were copied: the copy is not whole; try again");
  }

  private static <T> T use(ContainerRecord record, OpenRoot root, boolean isHeld, Use<T> use)
      throws IOException {
    try (root;
        Dir opened = Dir.open(root.path());
        Dir dir = Dir.of(opened.fd().duplicate(), record.name() + ":")) {
      Runnable ensureCurrent =
          () -> {
            if (!root.isCurrent()) {
              throw ended(record);
            }
          };
      T result = use.of(new OpenTree(dir, isHeld, ensureCurrent));
      ensureCurrent.run();
      return result;
    }
  }

  private <T> T ofStopped(ContainerRecord record, Use<T> use) throws IOException {
    Endings.awaitRelease(parts.isolation(), lookup.place(record));
    try (Lease lease =
        parts.images().content().lease(record.topLayer().map(Set::of).orElse(Set.of()))) {
      creation.restoreLayers(record);
      creation.refresh(record);
      return held(record, UnaryOperator.identity(), use);
    } finally {
      parts.images().release(Optional.of(record.imageId()), () -> {});
    }
  }

  /** Whatever a kill of this JVM leaves of it is removed as what was left of a start. */
  private <T> T held(ContainerRecord record, UnaryOperator<RunRequest> how, Use<T> use)
      throws IOException {
    ContainerId id = Names.id();
    try (LockFile lock = parts.store().begin(id)) {
      T result;
      try {
        result = held(record, id, how, use);
      } catch (IOException | RuntimeException | Error e) {
        Closing.undo(e, () -> removeHeld(id));
        throw e;
      }
      removeHeld(id);
      return result;
    }
  }

  private <T> T held(
      ContainerRecord record, ContainerId id, UnaryOperator<RunRequest> how, Use<T> use)
      throws IOException {
    ContainerPlace place = parts.store().place(id, false);
    Files.createDirectory(place.logs());
    RunRequest request =
        Requests.of(parts, record, parts.storage().open(parts.store().layer(record.id())).mount())
            .heldAt(place);
    RunRequest mounted = mounts.mounted(record, id, how.apply(request));
    return use(record, parts.isolation().mount(mounted), true, use);
  }

  private void removeHeld(ContainerId id) {
    ContainerPlace place = parts.store().place(id, false);
    Waits.undisturbed(
        () -> {
          Endings.awaitRelease(parts.isolation(), place);
          parts.isolation().cleanUp(place);
          mounts.release(id);
          parts.store().remove(id, Optional.empty(), () -> {});
        });
  }
}
