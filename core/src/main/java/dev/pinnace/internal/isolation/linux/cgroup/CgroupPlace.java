package dev.pinnace.internal.isolation.linux.cgroup;

import dev.pinnace.linux.file.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The directories between the cgroup that was there before and those of an engine.
 *
 * @param mount where cgroup v2 is mounted
 * @param top what is handed down from: the root of the hierarchy, or what was delegated to the user
 * @param pinnace made by whoever comes first; for root it is shared by the engines of every root
 * @param base of the engines of one root
 */
record CgroupPlace(Path mount, Path top, Path pinnace, Path base) {
  private static final String SUPERVISORS = "supervisors";
  private static final int ATTEMPTS = 50;

  /** Where cgroup v2 is mounted. */
  static Optional<Path> mountPoint() {
    return Mounts.list().stream()
        .filter(m -> m.type().equals("cgroup2"))
        .map(m -> Path.of(m.target()))
        .findFirst();
  }

  static CgroupPlace below(Path mount, String key, boolean root) throws IOException {
    Path top = root ? mount : delegated(mount);
    Path pinnace = top.resolve(root ? "pinnace" : "pinnace-" + key);
    return new CgroupPlace(mount, top, pinnace, root ? pinnace.resolve(key) : pinnace);
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

  private static String ownCgroup() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/cgroup")).stream()
        .filter(line -> line.startsWith("0::/"))
        .map(line -> line.substring(4))
        .findFirst()
        .orElse("");
  }

  /** The leaf for supervisors. */
  Path supervisors() {
    return base.resolve(SUPERVISORS);
  }

  /**
   * Makes what is missing and hands every controller down, from the top: a directory that was made
   * again hands nothing down yet.
   *
   * @return the controllers that the kernel would not hand down, with its reason
   */
  Map<String, String> make() throws IOException {
    makeDirectories();
    Map<String, String> refusals = new HashMap<>();
    for (Path directory : List.of(top, pinnace, base)) {
      delegate(directory, refusals);
    }
    return refusals;
  }

  /** The engine of another root may remove {@code pinnace} until something is in it. */
  private void makeDirectories() throws IOException {
    for (int attempt = 1; ; attempt++) {
      try {
        Files.createDirectories(supervisors());
        return;
      } catch (NoSuchFileException removed) {
        if (attempt == ATTEMPTS) {
          throw removed;
        }
      }
    }
  }

  /** One that the kernel will not hand down is simply not there for containers. */
  static void delegate(Path directory, Map<String, String> refusals) throws IOException {
    Path control = directory.resolve("cgroup.subtree_control");
    Set<String> missing = words(directory.resolve("cgroup.controllers"));
    missing.removeAll(words(control));
    for (String controller : missing) {
      try {
        Files.writeString(control, "+" + controller);
      } catch (IOException refused) {
        refusals.put(
            controller,
            CgroupErrors.reason(refused)
                + (CgroupErrors.isBusy(refused)
                    ? ": processes sit in that cgroup itself, and the kernel then hands nothing down"
                    : ""));
      }
    }
  }

  /** What containers can be limited by. */
  Set<String> controllers() throws IOException {
    return words(base.resolve("cgroup.subtree_control"));
  }

  static Set<String> words(Path file) throws IOException {
    String text = Files.readString(file).strip();
    return text.isEmpty() ? new TreeSet<>() : new TreeSet<>(Arrays.asList(text.split("\\s+")));
  }

  /** Parents that containers had asked for; a container's own may be wanted while it is empty. */
  private static void removeParents(Path group) throws IOException {
    try (var children = Files.newDirectoryStream(group, Files::isDirectory)) {
      for (Path child : children) {
        if (!child.getFileName().toString().matches("[0-9a-f]{64}")) {
          removeParents(child);
          CgroupRemoval.removeIfEmpty(child);
        }
      }
    } catch (NoSuchFileException gone) {
      // With the directory itself, what was in it is gone.
      return;
    }
  }

  /** Removes what is empty; only for whoever knows that no engine of this root is open. */
  void remove() throws IOException {
    for (int attempt = 0; !CgroupRemoval.removeIfEmpty(supervisors()); attempt++) {
      if (attempt == ATTEMPTS
          || !Files.readString(supervisors().resolve("cgroup.procs")).isBlank()) {
        return;
      }
      // The kernel is still letting go of a supervisor that has ended.
      CgroupRemoval.pause(1);
    }
    boolean removed = CgroupRemoval.removeIfEmpty(base);
    if (!removed) { // looked into for this alone: there may be no file left to be opened
      removeParents(base);
      removed = CgroupRemoval.removeIfEmpty(base);
    }
    if (removed && !pinnace.equals(base)) {
      CgroupRemoval.removeIfEmpty(pinnace);
    }
  }
}
