package dev.pinnace.internal.isolation.linux.cgroup;

import dev.pinnace.error.PinnaceException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.file.Mounts;
import dev.pinnace.spi.isolation.ContainerPlace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An engine's place in the cgroup tree: {@code pinnace/<key>} with a leaf for supervisors and one
 * for each container. Root has it at the top of the hierarchy, others below their own cgroup if
 * that was delegated to them. Where there is no cgroup v2 that may be written, containers run
 * without a cgroup, and {@link #obstacle()} says why. Thread-safe.
 */
public final class CgroupTree implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CgroupTree.class);
  private static final String DELEGATION =
      "run as root with cgroup v2, or have a cgroup delegated to this user (with systemd:"
          + " systemd-run --user --scope -p Delegate=yes)";

  private final Optional<CgroupPlace> place;
  private final @Nullable CgroupLock lock;
  private final Optional<Lack> obstacle;
  private final Set<String> controllers;
  private final Map<String, String> refusals;
  private final Optional<CgroupParents> parents;
  private final AtomicBoolean closed = new AtomicBoolean();

  private CgroupTree(
      Optional<CgroupPlace> place,
      @Nullable CgroupLock lock,
      Optional<Lack> obstacle,
      Set<String> controllers,
      Map<String, String> refusals) {
    this.place = place;
    this.parents = place.map(CgroupParents::new);
    this.lock = lock;
    this.obstacle = obstacle;
    this.controllers = Set.copyOf(controllers);
    this.refusals = Map.copyOf(refusals);
  }

  private static CgroupTree without(String obstacle, String fix) {
    return new CgroupTree(
        Optional.empty(), null, Optional.of(new Lack(obstacle, fix)), Set.of(), Map.of());
  }

  /**
   * Why there are no cgroups for containers, or a controller is not there.
   *
   * @param reason in words, with the kernel's refusal if there was one
   * @param fix what to do about it
   */
  public record Lack(String reason, String fix) {}

  /** No cgroups. */
  public static CgroupTree none() {
    return without("cgroups are not used", "");
  }

  /**
   * Makes the engine's directories; they stay until no engine of {@code root} needs them.
   *
   * @param key unique to the engine's root
   * @param rootful whether this process may use the whole hierarchy
   */
  public static CgroupTree open(Path root, String key, boolean rootful) {
    Optional<Path> mount = CgroupPlace.mountPoint();
    if (mount.isEmpty()) {
      return without("no cgroup v2 file system is mounted", "mount cgroup2 on /sys/fs/cgroup");
    }
    CgroupLock lock = CgroupLock.take(root);
    boolean kept = false;
    try {
      CgroupPlace place = CgroupPlace.below(mount.get(), key, rootful);
      Map<String, String> refusals = place.make();
      CgroupTree tree =
          new CgroupTree(Optional.of(place), lock, Optional.empty(), place.controllers(), refusals);
      kept = true;
      return tree;
    } catch (IOException | UncheckedIOException e) {
      return without(
          "cgroups cannot be made below " + mount.get() + ": " + CgroupErrors.reason(e),
          DELEGATION);
    } finally {
      if (!kept) {
        lock.close();
      }
    }
  }

  /** The directory that holds the containers' cgroups; empty without cgroups. */
  public Optional<Path> base() {
    return place.map(CgroupPlace::base);
  }

  /** The leaf for supervisors; empty without cgroups. */
  public Optional<Path> supervisors() {
    return place.map(CgroupPlace::supervisors);
  }

  /**
   * The service of systemd whose end would be that of detached containers too; empty where they
   * have cgroups outside of it, or where there is none.
   */
  public Optional<String> serviceOver() {
    return SystemdService.over(
        place.map(p -> Path.of("/").resolve(p.mount().relativize(p.supervisors()))));
  }

  /** Why there are no cgroups; empty where there are. */
  public Optional<Lack> obstacle() {
    return obstacle;
  }

  /** The controllers that limit containers. */
  public Set<String> controllers() {
    return controllers;
  }

  /**
   * Makes sure that {@code limit} can be enforced.
   *
   * @throws UnsupportedException if the controller is not there, with reason and fix
   */
  public void require(String controller, String limit) {
    lack(controller)
        .ifPresent(
            lack -> {
              throw new UnsupportedException(
                  limit, lack.reason(), lack.fix() + ", or leave the limit out");
            });
  }

  /** Whether containers' cgroups will not have {@code file}, although they have {@code another}. */
  public boolean lacks(String file, String another) {
    return place
        .map(CgroupPlace::base)
        .filter(base -> Files.exists(base.resolve(another)))
        .filter(base -> !Files.exists(base.resolve(file)))
        .isPresent();
  }

  /** What {@code file} in the root of the hierarchy says; nothing where it is not there. */
  public String ofRoot(String file) {
    Optional<Path> path = place.map(p -> p.mount().resolve(file)).filter(Files::isReadable);
    try {
      return path.isPresent() ? Files.readString(path.get()) : "";
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + path.get(), e);
    }
  }

  /** The sizes of huge pages that can be limited, as the kernel names them. */
  public List<String> hugePageSizes() {
    Path base = place.map(CgroupPlace::base).orElseThrow();
    try (Stream<Path> files = Files.list(base)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.matches("hugetlb\\.\\w+\\.max"))
          .map(name -> name.split("\\.", -1)[1])
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot look into " + base, e);
    }
  }

  /** Why {@code controller} cannot limit containers; empty where it can. */
  public Optional<Lack> lack(String controller) {
    if (controllers.contains(controller)) {
      return Optional.empty();
    }
    if (place.isEmpty()) {
      return obstacle;
    }
    String reason = "cgroup v2 has no controller for it in " + place.get().base();
    String refusal = refusals.get(controller);
    if (refusal != null) {
      return Optional.of(
          new Lack(
              reason + ": " + refusal,
              "start this process in a cgroup below the one that was delegated, not in it"));
    }
    return Optional.of(
        isHybrid()
            ? new Lack(
                reason + ": cgroup v1 holds it",
                "boot with systemd.unified_cgroup_hierarchy=1 (and without cgroup v1)")
            : new Lack(reason + ": it was not handed down so far", DELEGATION));
  }

  private static boolean isHybrid() {
    return Mounts.list().stream().anyMatch(m -> m.type().equals("cgroup"));
  }

  /**
   * Makes the directories again, should somebody have removed them: Pinnace itself does not while
   * an engine is open.
   */
  public void ensure() {
    if (place.isPresent()) {
      try {
        place.get().make();
      } catch (IOException e) {
        throw new UncheckedIOException("cannot make the cgroup " + place.get().base(), e);
      }
    }
  }

  /**
   * Kills what is left in a container's cgroup and removes it with everything below; nothing is
   * done where there is none. A cgroup that was killed must not be used again, for 6.18 kills
   * whatever is cloned into it later.
   *
   * <p>An interruption does not cut this short: nobody would come back to it.
   *
   * @throws PinnaceException if it cannot be removed
   */
  public void remove(ContainerPlace container) {
    Optional<Path> group = of(container).filter(Files::isDirectory);
    if (group.isPresent()) {
      try {
        CgroupRemoval.killAndRemove(group.get());
      } catch (IOException e) {
        throw new UncheckedIOException("cannot remove the cgroup " + group.get(), e);
      }
    }
    parents.ifPresent(p -> p.letGo(container));
    tidy(container);
  }

  /** The container's cgroup, be it there or not; empty without cgroups. */
  public Optional<Path> of(ContainerPlace container) {
    return parents
        .flatMap(p -> p.of(container))
        .or(() -> base().map(directory -> directory.resolve(container.id())));
  }

  /**
   * Makes sure that a container may have its cgroup there.
   *
   * @param path of it: from the root of the hierarchy, or below the engine's directory
   * @throws dev.pinnace.error.InvalidSpecException for one that cannot be a cgroup's
   * @throws UnsupportedException if there are no cgroups, or this process may not make it
   */
  public void checkPath(String path) {
    obstacle.ifPresent(
        lack -> {
          throw new UnsupportedException(
              "a cgroup parent", lack.reason(), lack.fix() + ", or leave it out");
        });
    parents.orElseThrow().check(path);
  }

  /** The directory that is to hold a container's cgroup, kept from being removed until closed. */
  public interface Parent extends AutoCloseable {
    /** The directory. */
    Path directory();

    @Override
    void close();
  }

  /**
   * Makes it.
   *
   * @param needed controllers of the container's limits
   */
  public Parent makeParent(ContainerPlace container, String path, Set<String> needed) {
    return parents.orElseThrow().make(container, path, needed);
  }

  /** Removes empty directories that were made for that container's cgroup alone. */
  public void tidy(ContainerPlace container) {
    parents.ifPresent(p -> p.tidy(container));
  }

  /** Removes the engine's directories if no container and no other engine needs them. */
  @Override
  public void close() {
    if (place.isEmpty() || lock == null || !closed.compareAndSet(false, true)) {
      return;
    }
    try (lock) {
      if (lock.isLast()) {
        place.get().remove();
      }
    } catch (NoSuchFileException gone) {
      LOG.debug("somebody removed {}", place.get().base());
    } catch (IOException | ErrnoException e) {
      LOG.warn("cannot remove the cgroup {}: {}", place.get().base(), e.getMessage());
      LOG.debug("the cause", e);
    }
  }
}
