package dev.pinnace.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The memory of one supervisor, in KiB, as {@code smaps_rollup} tells it.
 *
 * @param resident all of it, pages shared with other supervisors included
 * @param own what no other process has
 */
record SupervisorMemory(long resident, long own) {
  /** Of every supervisor that this JVM has started and that lives. */
  static List<SupervisorMemory> ofChildren() throws IOException {
    List<SupervisorMemory> found = new ArrayList<>();
    try (Stream<ProcessHandle> children = ProcessHandle.current().children()) {
      for (ProcessHandle child : children.toList()) {
        of(child.pid(), "pinnace").ifPresent(found::add);
      }
    }
    return found;
  }

  /** Of every process of the host that is called so. */
  static List<SupervisorMemory> called(String name) throws IOException {
    List<SupervisorMemory> found = new ArrayList<>();
    try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
      for (ProcessHandle process : all.toList()) {
        of(process.pid(), name).ifPresent(found::add);
      }
    }
    return found;
  }

  /** Empty for one that is called otherwise, or has ended. */
  private static Optional<SupervisorMemory> of(long pid, String name) throws IOException {
    Path process = Path.of("/proc", Long.toString(pid));
    try {
      if (Files.readString(process.resolve("comm")).strip().equals(name)) {
        return Optional.of(read(Files.readAllLines(process.resolve("smaps_rollup"))));
      }
    } catch (NoSuchFileException ended) {
      // like one that is called otherwise
    } catch (IOException e) {
      if (Files.exists(process)) { // ESRCH, of one that is ending
        throw e;
      }
    }
    return Optional.empty();
  }

  private static SupervisorMemory read(List<String> lines) {
    return new SupervisorMemory(
        field(lines, "Rss:"), field(lines, "Private_Clean:") + field(lines, "Private_Dirty:"));
  }

  private static long field(List<String> lines, String name) {
    return lines.stream()
        .filter(line -> line.startsWith(name))
        .map(line -> line.replaceAll("[^0-9]", ""))
        .mapToLong(Long::parseLong)
        .findFirst()
        .orElseThrow();
  }
}
