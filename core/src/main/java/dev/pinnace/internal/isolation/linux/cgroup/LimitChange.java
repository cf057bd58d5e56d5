package dev.pinnace.internal.isolation.linux.cgroup;

import dev.pinnace.error.UnsupportedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A file of a cgroup that is to limit in another way.
 *
 * @param file its name
 * @param before what it says, in the way it is written
 * @param after what it is to say
 */
record LimitChange(String file, String before, String after) {
  static final String MEMORY = "memory.max";
  static final String SWAP = "memory.swap.max";
  static final String NONE = "max";
  private static final String IO = "io.max";
  private static final List<String> WEIGHTS = List.of("io.weight", "io.bfq.weight");

  /** What is written for no limit. Memory comes before swap, to which what is reclaimed goes. */
  private static final Map<String, String> UNLIMITED = unlimited();

  private static Map<String, String> unlimited() {
    Map<String, String> files = new LinkedHashMap<>();
    files.put(MEMORY, NONE);
    files.put(SWAP, NONE);
    files.put("memory.low", "0");
    files.put("memory.oom.group", "0");
    files.put("cpu.max", "max 100000");
    files.put("cpu.weight", "100");
    files.put("cpuset.cpus", "");
    files.put("cpuset.mems", "");
    files.put("pids.max", NONE);
    return files;
  }

  /**
   * What has to be written so that {@code wanted}, and nothing else, limits the cgroup.
   *
   * @throws UnsupportedException if a file that is wanted is not there
   */
  static List<LimitChange> between(Path group, Map<String, String> wanted) throws IOException {
    Set<String> files = new LinkedHashSet<>(UNLIMITED.keySet());
    files.addAll(wanted.keySet());
    files.remove(IO);
    WEIGHTS.forEach(files::remove);
    hugePages(group).forEach(files::add);
    List<LimitChange> changes = new ArrayList<>();
    for (String file : files) {
      if (exists(group, file, wanted)) {
        String now = Files.readString(group.resolve(file)).lines().findFirst().orElse("").strip();
        String then = wanted.getOrDefault(file, UNLIMITED.getOrDefault(file, NONE));
        if (!now.equals(then)) {
          add(changes, file, named(group, file, now), named(group, file, then));
        }
      }
    }
    if (exists(group, IO, wanted)) {
      IoLimits now = IoLimits.parse(Files.readString(group.resolve(IO)));
      IoLimits then = IoLimits.parse(wanted.getOrDefault(IO, ""));
      Set<String> devices = new LinkedHashSet<>(now.devices());
      devices.addAll(then.devices());
      devices.forEach(device -> add(changes, IO, now.line(device), then.line(device)));
    }
    for (String file : WEIGHTS) {
      if (exists(group, file, wanted)) {
        IoWeights now = IoWeights.parse(Files.readString(group.resolve(file)));
        IoWeights then = IoWeights.parse(wanted.getOrDefault(file, ""));
        Set<String> devices = new LinkedHashSet<>(now.devices());
        devices.addAll(then.devices());
        devices.forEach(device -> add(changes, file, now.line(device), then.line(device)));
      }
    }
    if (changes.stream().anyMatch(LimitChange::isMoreSwap)) {
      changes.sort((one, other) -> Boolean.compare(other.isMoreSwap(), one.isMoreSwap()));
    }
    return changes;
  }

  /** The files that limit huge pages: one for each size that this kernel has. */
  private static List<String> hugePages(Path group) throws IOException {
    try (Stream<Path> files = Files.list(group)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.matches("hugetlb\\.\\w+(\\.rsvd)?\\.max"))
          .sorted()
          .toList();
    } catch (NoSuchFileException gone) {
      return List.of();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /** A cpuset with processes in it cannot be made empty (ENOSPC): all that there are are named. */
  private static String named(Path group, String file, String value) throws IOException {
    return value.isEmpty()
        ? Files.readString(group.resolveSibling(file + ".effective")).strip()
        : value;
  }

  private static void add(List<LimitChange> changes, String file, String before, String after) {
    if (!before.equals(after)) {
      changes.add(new LimitChange(file, before, after));
    }
  }

  private static boolean exists(Path group, String file, Map<String, String> wanted) {
    if (Files.exists(group.resolve(file))) {
      return true;
    }
    if (wanted.containsKey(file) && Files.exists(group)) {
      throw new UnsupportedException(
          "the limit " + file, "this kernel has no such file", "leave the limit out");
    }
    return false;
  }

  private boolean isMoreSwap() {
    return file.equals(SWAP) && number(after) > number(before);
  }

  /** Whether processes may get less memory than they have. */
  boolean isLessMemory() {
    return file.equals(MEMORY) && number(after) < number(before);
  }

  /** A limit in numbers. */
  static long number(String text) {
    return text.equals(NONE) ? Long.MAX_VALUE : Long.parseLong(text);
  }
}
