package dev.pinnace.internal.isolation.linux.cgroup;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The service of systemd that this process belongs to. When it is stopped, systemd kills what is in
 * its cgroup (systemd.kill(5), <i>KillMode=</i>): supervisors that are not in a cgroup outside of
 * it end with it, and so do detached containers.
 */
final class SystemdService {
  private static final Path OWN = Path.of("/proc/self/cgroup");
  private static final String UNIFIED = "0::";
  private static final String NAMED = "name=systemd:";

  private SystemdService() {}

  /**
   * The name of the service that supervisors would end with; empty where they would not.
   *
   * @param supervisors their cgroup below the root of cgroup v2; empty where they stay in this
   *     process's own
   */
  static Optional<String> over(Optional<Path> supervisors) {
    try {
      return over(Files.readAllLines(OWN), supervisors);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + OWN, e);
    }
  }

  /** As {@link #over(Optional)}, from the lines of proc(5), {@code /proc/self/cgroup}. */
  static Optional<String> over(List<String> lines, Optional<Path> supervisors) {
    Optional<Path> unified = service(lines, UNIFIED);
    if (unified.isPresent()) {
      return unified
          .filter(service -> supervisors.map(group -> group.startsWith(service)).orElse(true))
          .map(service -> service.getFileName().toString());
    }
    // Systemd keeps to cgroup v1, from which nobody is taken away.
    return service(lines, NAMED).map(service -> service.getFileName().toString());
  }

  /** The lowest service on the path of that hierarchy. */
  private static Optional<Path> service(List<String> lines, String hierarchy) {
    return lines.stream()
        .filter(line -> line.contains(hierarchy))
        .map(line -> Path.of(line.substring(line.indexOf(hierarchy) + hierarchy.length())))
        .flatMap(SystemdService::ancestors)
        .filter(group -> group.toString().endsWith(".service"))
        .findFirst();
  }

  private static Stream<Path> ancestors(Path group) {
    return Stream.iterate(group, Objects::nonNull, Path::getParent);
  }
}
