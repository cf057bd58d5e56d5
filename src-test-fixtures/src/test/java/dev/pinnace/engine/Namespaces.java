package dev.pinnace.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Namespaces by the names that /proc gives them, {@code net:[4026531840]}. */
final class Namespaces {
  private static final Path PROC = Path.of("/proc");

  private Namespaces() {}

  /** Those of these processes and of their children that are not this JVM's. */
  static Set<String> of(List<Integer> processes) {
    Set<String> found = new TreeSet<>();
    for (int process : processes) {
      found.addAll(of(PROC.resolve(Integer.toString(process))));
      ProcessHandle.of(process).stream()
          .flatMap(ProcessHandle::descendants)
          .forEach(child -> found.addAll(of(PROC.resolve(Long.toString(child.pid())))));
    }
    found.removeAll(of(PROC.resolve("self")));
    return found;
  }

  /** Every one that a process of this machine is in, or that is kept by a mount. */
  static Set<String> inUse() {
    Set<String> found = new TreeSet<>();
    children(PROC).stream()
        .filter(process -> process.getFileName().toString().matches("[0-9]+"))
        .forEach(process -> found.addAll(of(process)));
    try {
      for (String line : Files.readAllLines(PROC.resolve("self/mountinfo"))) {
        found.addAll(List.of(line.split(" ", -1)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return found;
  }

  private static Set<String> of(Path process) {
    Set<String> found = new TreeSet<>();
    for (Path link : children(process.resolve("ns"))) {
      try {
        found.add(Files.readSymbolicLink(link).toString());
      } catch (IOException gone) {
        return found;
      }
    }
    return found;
  }

  private static List<Path> children(Path directory) {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.toList();
    } catch (IOException | UncheckedIOException gone) {
      return List.of();
    }
  }
}
