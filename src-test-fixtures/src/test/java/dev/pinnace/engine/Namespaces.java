package dev.pinnace.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Namespaces by the names that /proc gives them, {@code net:[4026531840]}. */
final class Namespaces {
  private static final Path PROC = Path.of("/proc");

  /** USER_HZ of both architectures. */
  private static final int TICKS = 100;

  /** Counted after pid and name. */
  private static final int STARTED = 20;

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

  /** The age of this machine, in the unit and of the clock in which processes have their start. */
  static long now() {
    return (long) (Double.parseDouble(text(PROC.resolve("uptime")).split(" ", 2)[0]) * TICKS);
  }

  /**
   * The processes that are in one of {@code namespaces}, and the mounts that keep one. The kernel
   * gives a number that became free to the next who asks, such as another container of this
   * machine: of the processes only those count that were there at {@code time}.
   */
  static List<String> users(Set<String> namespaces, long time) {
    List<String> users = new ArrayList<>();
    for (Path process : children(PROC)) {
      if (process.getFileName().toString().matches("[0-9]+")) {
        Set<String> in = of(process);
        in.retainAll(namespaces);
        if (!in.isEmpty() && started(process) <= time) {
          users.add(process + " (" + text(process.resolve("comm")).strip() + ") " + in);
        }
      }
    }
    text(PROC.resolve("self/mountinfo"))
        .lines()
        .filter(line -> Arrays.stream(line.split(" ", -1)).anyMatch(namespaces::contains))
        .forEach(users::add);
    return users;
  }

  /** Field 22 of proc_pid_stat(5); the name before it may hold anything. */
  private static long started(Path process) {
    String stat = text(process.resolve("stat"));
    String[] rest = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ", -1);
    return rest.length < STARTED ? Long.MAX_VALUE : Long.parseLong(rest[STARTED - 1]);
  }

  /** Empty where the process has gone. */
  private static String text(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException gone) {
      return "";
    }
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
