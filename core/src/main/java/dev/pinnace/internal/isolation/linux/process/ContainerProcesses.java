package dev.pinnace.internal.isolation.linux.process;

import dev.pinnace.internal.isolation.linux.cgroup.CgroupMembers;
import dev.pinnace.spec.ProcessInfo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Finds the processes of a container: nothing is executed in it, and no process can hide. */
public final class ContainerProcesses {
  private static final ProcReader PROC = new ProcReader(Path.of("/proc"));

  private ContainerProcesses() {}

  /**
   * The processes of a container by pid.
   *
   * @param group its cgroup; where there is none, what descends from its supervisor is looked for
   * @param first its first process
   */
  public static List<ProcessInfo> list(Optional<Path> group, long first) {
    try {
      Set<Long> pids = members(group, first);
      Instant boot = PROC.boot();
      List<ProcessInfo> found =
          pids.stream().map(pid -> PROC.info(pid, boot)).flatMap(Optional::stream).toList();
      Set<Long> still = members(group, first); // another process may have got a pid meanwhile
      return found.stream()
          .filter(process -> still.contains(process.pid()))
          .sorted(Comparator.comparingLong(ProcessInfo::pid))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list the processes of a container", e);
    }
  }

  /** Their pids alone. */
  public static Set<Long> pids(Optional<Path> group, long first) {
    try {
      return members(group, first);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list the processes of a container", e);
    }
  }

  private static Set<Long> members(Optional<Path> group, long first) throws IOException {
    return group.isPresent() ? CgroupMembers.of(group.get()) : family(first);
  }

  /** The first process and all others that descend from its parent, the supervisor. */
  private static Set<Long> family(long first) throws IOException {
    Map<Long, Long> parents = new HashMap<>();
    for (long pid : PROC.all()) {
      PROC.stat(pid).ifPresent(stat -> parents.put(pid, stat.parent()));
    }
    Long supervisor = parents.get(first);
    Set<Long> family = new HashSet<>();
    if (supervisor != null) {
      for (Long pid : parents.keySet()) {
        if (!pid.equals(supervisor) && descends(pid, supervisor, parents)) {
          family.add(pid);
        }
      }
    }
    return family;
  }

  /** What was read one after the other may go round in circles. */
  private static boolean descends(Long pid, Long ancestor, Map<Long, Long> parents) {
    Long at = pid;
    for (int steps = 0; at != null && steps <= parents.size(); steps++) {
      if (at.equals(ancestor)) {
        return true;
      }
      at = parents.get(at);
    }
    return false;
  }
}
