package dev.pinnace.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
        Path process = Path.of("/proc", Long.toString(child.pid()));
        if (isSupervisor(process)) {
          found.add(read(Files.readAllLines(process.resolve("smaps_rollup"))));
        }
      }
    }
    return found;
  }

  private static boolean isSupervisor(Path process) throws IOException {
    try {
      return Files.readString(process.resolve("comm")).strip().equals("pinnace");
    } catch (NoSuchFileException ended) {
      return false;
    }
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
