package dev.pinnace.internal.isolation.linux.cgroup;

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

  private final Optional<Path> base;
  private final String obstacle;
  private final Set<String> controllers;

  private CgroupTree(Optional<Path> base, String obstacle, Set<String> controllers) {
    this.base = base;
    this.obstacle = obstacle;
    this.controllers = controllers;
  }

  /** No cgroups. */
  public static CgroupTree none() {
    return new CgroupTree(Optional.empty(), "cgroups are not used", Set.of());
  }

  /**
   * Makes the engine's directories.
   *
   * @param key unique to the engine's root
   */
  public static CgroupTree open(String key, boolean root) {
    Optional<Path> mount = mountPoint();
    if (mount.isEmpty()) {
      return new CgroupTree(Optional.empty(), "no cgroup v2 file system is mounted", Set.of());
    }
    try {
      Path top = root ? mount.get() : mount.get().resolve(ownCgroup());
      Path pinnace = top.resolve(root ? "pinnace" : "pinnace-" + key);
      Path base = root ? pinnace.resolve(key) : pinnace;
      Files.createDirectories(base.resolve(SUPERVISORS));
      delegate(top);
      delegate(pinnace);
      delegate(base);
      return new CgroupTree(Optional.of(base), "", words(base.resolve("cgroup.subtree_control")));
    } catch (IOException | UncheckedIOException e) {
      return new CgroupTree(
          Optional.empty(),
          "cgroups cannot be made below " + mount.get() + ": " + reason(e),
          Set.of());
    }
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
   * there for containers.
   */
  private static void delegate(Path directory) throws IOException {
    Path control = directory.resolve("cgroup.subtree_control");
    Set<String> missing = words(directory.resolve("cgroup.controllers"));
    missing.removeAll(words(control));
    for (String controller : missing) {
      try {
        Files.writeString(control, "+" + controller);
      } catch (IOException refused) {
        org.slf4j.LoggerFactory.getLogger(CgroupTree.class)
            .debug("controller {} stays above {}", controller, directory, refused);
      }
    }
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
    if (!controllers.contains(controller)) {
      String reason =
          base.isEmpty()
              ? obstacle
              : "cgroup v2 has no "
                  + controller
                  + " controller for "
                  + base.get()
                  + (isHybrid() ? ": cgroup v1 holds it" : "");
      throw new UnsupportedException(
          limit,
          reason,
          isHybrid()
              ? "boot with systemd.unified_cgroup_hierarchy=1 (and without cgroup v1), or leave the limit out"
              : "run as root, or have the controller delegated to this user, or leave the limit out");
    }
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
            delegate(b);
          } catch (IOException e) {
            throw new UncheckedIOException("cannot make the cgroup " + b, e);
          }
        });
  }

  /** Kills what is left in a container's cgroup and removes it with everything below. */
  public void remove(String name) {
    base.map(b -> b.resolve(name)).filter(Files::isDirectory).ifPresent(CgroupTree::killAndRemove);
  }

  private static void killAndRemove(Path group) {
    try {
      Path kill = group.resolve("cgroup.kill");
      if (Files.exists(kill)) {
        Files.writeString(kill, "1");
      }
      for (int attempt = 0; attempt < ATTEMPTS && !removeTree(group); attempt++) {
        Thread.sleep(2);
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
