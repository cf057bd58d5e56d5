package dev.pinnace.internal.isolation.linux.cgroup;

import dev.pinnace.error.PinnaceException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.file.Mounts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * An engine's place in the cgroup tree: {@code pinnace/<key>} with a leaf for supervisors and one
 * for each container. Root has it at the top of the hierarchy, others below their own cgroup if
 * that was delegated to them. Where there is no cgroup v2 that may be written, containers run
 * without a cgroup, and {@link #obstacle()} says why. Thread-safe.
 */
public final class CgroupTree {
  private static final String SUPERVISORS = "supervisors";
  private static final int ATTEMPTS = 50;
  private static final String DELEGATION =
      "run as root with cgroup v2, or have a cgroup delegated to this user (with systemd: systemd-run --user --scope -p Delegate=yes)";

  private final Optional<Path> base;
  private final String obstacle;
  private final Set<String> controllers;
  private final Map<String, String> refusals;

  private CgroupTree(
      Optional<Path> base, String obstacle, Set<String> controllers, Map<String, String> refusals) {
    this.base = base;
    this.obstacle = obstacle;
    this.controllers = controllers;
    this.refusals = refusals;
  }

  private static CgroupTree without(String obstacle) {
    return new CgroupTree(Optional.empty(), obstacle, Set.of(), Map.of());
  }

  /**
   * Why a controller is not there for containers.
   *
   * @param reason in words, with the kernel's refusal if there was one
   * @param fix what to do about it
   */
  public record Lack(String reason, String fix) {}

  /** No cgroups. */
  public static CgroupTree none() {
    return without("cgroups are not used");
  }

  /**
   * Makes the engine's directories.
   *
   * @param key unique to the engine's root
   */
  public static CgroupTree open(String key, boolean root) {
    Optional<Path> mount = mountPoint();
    if (mount.isEmpty()) {
      return without("no cgroup v2 file system is mounted");
    }
    try {
      Path top = root ? mount.get() : delegated(mount.get());
      Path pinnace = top.resolve(root ? "pinnace" : "pinnace-" + key);
      Path base = root ? pinnace.resolve(key) : pinnace;
      Files.createDirectories(base.resolve(SUPERVISORS));
      Map<String, String> refusals = new HashMap<>();
      delegate(top, refusals);
      delegate(pinnace, refusals);
      delegate(base, refusals);
      return new CgroupTree(
          Optional.of(base), "", words(base.resolve("cgroup.subtree_control")), refusals);
    } catch (IOException | UncheckedIOException e) {
      return without("cgroups cannot be made below " + mount.get() + ": " + reason(e));
    }
  }

  /**
   * The highest cgroup above this process that was delegated to its user: it may make cgroups there
   * and move processes into them (cgroups(7), <i>Delegation</i>). Controllers cannot be handed down
   * from the lowest, where this process itself sits ("no internal processes").
   */
  private static Path delegated(Path mount) throws IOException {
    Path own = mount.resolve(ownCgroup());
    Path highest = own;
    for (Path group = own; group.startsWith(mount); group = group.resolveSibling("")) {
      if (!isDelegated(group)) {
        break;
      }
      highest = group;
      if (group.equals(mount)) {
        break;
      }
    }
    return highest;
  }

  private static boolean isDelegated(Path group) {
    return Files.isWritable(group)
        && Files.isWritable(group.resolve("cgroup.procs"))
        && Files.isWritable(group.resolve("cgroup.subtree_control"));
  }

  private static String reason(Exception e) {
    Throwable cause = e instanceof UncheckedIOException unchecked ? unchecked.getCause() : e;
    if (cause instanceof FileSystemException file) {
      String text = file.getReason() == null ? file.getClass().getSimpleName() : file.getReason();
      return file.getFile() + ": " + text;
    }
    return String.valueOf(cause);
  }

  private static Optional<Path> mountPoint() {
    return Mounts.list().stream()
        .filter(m -> m.type().equals("cgroup2"))
        .map(m -> Path.of(m.target()))
        .findFirst();
  }

  private static String ownCgroup() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/cgroup")).stream()
        .filter(line -> line.startsWith("0::/"))
        .map(line -> line.substring(4))
        .findFirst()
        .orElse("");
  }

  /**
   * Hands every controller that is there down; one that the kernel will not hand down is simply not
   * there for containers, and {@code refusals} keeps the reason.
   */
  private static void delegate(Path directory, Map<String, String> refusals) throws IOException {
    Path control = directory.resolve("cgroup.subtree_control");
    Set<String> missing = words(directory.resolve("cgroup.controllers"));
    missing.removeAll(words(control));
    for (String controller : missing) {
      try {
        Files.writeString(control, "+" + controller);
      } catch (IOException refused) {
        refusals.put(
            controller,
            reason(refused)
                + (isBusy(refused)
                    ? ": processes sit in that cgroup itself, and the kernel then hands nothing down"
                    : ""));
      }
    }
  }

  private static boolean isBusy(IOException refused) {
    return String.valueOf(refused.getMessage()).contains("busy");
  }

  private static Set<String> words(Path file) throws IOException {
    String text = Files.readString(file).strip();
    return text.isEmpty() ? new TreeSet<>() : new TreeSet<>(Arrays.asList(text.split("\\s+")));
  }

  /** The directory that holds the containers' cgroups; empty without cgroups. */
  public Optional<Path> base() {
    return base;
  }

  /** The leaf for supervisors; empty without cgroups. */
  public Optional<Path> supervisors() {
    return base.map(b -> b.resolve(SUPERVISORS));
  }

  /** Why there are no cgroups; empty where there are. */
  public String obstacle() {
    return obstacle;
  }

  /** The controllers that limit containers. */
  public Set<String> controllers() {
    return Set.copyOf(controllers);
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

  /** Why {@code controller} cannot limit containers; empty where it can. */
  public Optional<Lack> lack(String controller) {
    if (controllers.contains(controller)) {
      return Optional.empty();
    }
    if (base.isEmpty()) {
      return Optional.of(new Lack(obstacle, DELEGATION));
    }
    String reason = "cgroup v2 has no " + controller + " controller for " + base.get();
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

  /** Makes the supervisors' leaf again, should another engine that closed have removed it. */
  public void ensure() {
    base.ifPresent(
        b -> {
          try {
            Files.createDirectories(b.resolve(SUPERVISORS));
            delegate(b, new HashMap<>());
          } catch (IOException e) {
            throw new UncheckedIOException("cannot make the cgroup " + b, e);
          }
        });
  }

  /**
   * Kills what is left in a container's cgroup and removes it with everything below. It is gone
   * afterwards: a cgroup that was killed must not be used again, for 6.18 kills whatever is cloned
   * into it later.
   *
   * @throws PinnaceException if it cannot be removed
   */
  public void remove(String name) {
    base.map(b -> b.resolve(name)).filter(Files::isDirectory).ifPresent(CgroupTree::killAndRemove);
  }

  private static void killAndRemove(Path group) {
    try {
      Path kill = group.resolve("cgroup.kill");
      if (Files.exists(kill)) {
        Files.writeString(kill, "1");
      }
      for (int attempt = 0; !removeTree(group); attempt++) {
        if (attempt == ATTEMPTS) {
          throw new PinnaceException(
              "the cgroup "
                  + group
                  + " cannot be removed: processes in it do not end although they were killed;"
                  + " try again when what they wait for is there (D in ps)");
        }
        Thread.sleep(1 + attempt);
      }
    } catch (NoSuchFileException gone) {
      org.slf4j.LoggerFactory.getLogger(CgroupTree.class).debug("{} is gone already", group);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove the cgroup " + group, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static boolean removeTree(Path group) throws IOException {
    try (var children = Files.newDirectoryStream(group, Files::isDirectory)) {
      for (Path child : children) {
        removeTree(child);
      }
    }
    try {
      Files.deleteIfExists(group);
      return true;
    } catch (DirectoryNotEmptyException | java.nio.file.AccessDeniedException busy) {
      return false;
    } catch (FileSystemException busy) {
      if (String.valueOf(busy.getReason()).contains("busy")) {
        return false;
      }
      throw busy;
    }
  }

  /** Removes the engine's directories if no container and no other engine needs them. */
  public void close() {
    if (base.isEmpty()) {
      return;
    }
    try {
      for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        if (removeIfEmpty(base.get().resolve(SUPERVISORS))) {
          if (removeIfEmpty(base.get())
              && base.get().resolveSibling(".").normalize().endsWith("pinnace")) {
            removeIfEmpty(base.get().resolveSibling(".").normalize());
          }
          return;
        }
        if (!Files.readString(base.get().resolve(SUPERVISORS).resolve("cgroup.procs")).isBlank()) {
          return;
        }
        Thread.sleep(1);
      }
    } catch (NoSuchFileException gone) {
      org.slf4j.LoggerFactory.getLogger(CgroupTree.class)
          .debug("another engine removed {}", base.get());
    } catch (IOException | ErrnoException e) {
      org.slf4j.LoggerFactory.getLogger(CgroupTree.class)
          .warn("cannot remove the cgroup {}", base.get(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static boolean removeIfEmpty(Path group) throws IOException {
    try {
      Files.deleteIfExists(group);
      return true;
    } catch (DirectoryNotEmptyException notEmpty) {
      return false;
    } catch (FileSystemException busy) {
      if (String.valueOf(busy.getReason()).contains("busy")) {
        return false;
      }
      throw busy;
    }
  }
}
