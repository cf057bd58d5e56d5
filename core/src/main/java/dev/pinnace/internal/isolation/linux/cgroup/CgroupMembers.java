package dev.pinnace.internal.isolation.linux.cgroup;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The processes of a cgroup (cgroup-v2, <i>cgroup.procs</i>). */
public final class CgroupMembers {
  private CgroupMembers() {}

  /** Those of a cgroup and of all below it that are in sight; none where it is gone. */
  public static Set<Long> of(Path group) throws IOException {
    Set<Long> pids = new HashSet<>();
    collect(group, pids);
    pids.remove(0L);
    return pids;
  }

  private static void collect(Path group, Set<Long> pids) throws IOException {
    try {
      Files.readAllLines(group.resolve("cgroup.procs")).forEach(pid -> pids.add(Long.valueOf(pid)));
      for (Path child : children(group)) {
        collect(child, pids);
      }
    } catch (IOException e) {
      // What a container makes threaded has its processes in the cgroup above too.
      if (!CgroupErrors.isGone(e) && !CgroupErrors.isThreaded(e)) {
        throw e;
      }
    }
  }

  private static List<Path> children(Path group) throws IOException {
    try (Stream<Path> entries = Files.list(group)) {
      return entries.filter(Files::isDirectory).toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }
}
