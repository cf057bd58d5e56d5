package dev.pinnace.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Processes of the containers of one root, found by their cgroups. */
final class Processes {
  private Processes() {}

  /** Those in containers. */
  static List<Integer> of(Path root) throws IOException {
    List<Integer> found = new ArrayList<>();
    for (Path group : Cgroups.of(root)) {
      found.addAll(in(group));
    }
    return found;
  }

  /** Supervisors, and what they have just forked. */
  static List<Integer> supervisors(Path root) throws IOException {
    return in(Cgroups.base(root).resolve("supervisors"));
  }

  private static List<Integer> in(Path group) throws IOException {
    try {
      return Files.readAllLines(group.resolve("cgroup.procs")).stream()
          .map(Integer::valueOf)
          .filter(pid -> pid > 0)
          .toList();
    } catch (NoSuchFileException gone) {
      return List.of();
    } catch (IOException e) {
      if (String.valueOf(e.getMessage()).contains("No such device")) {
        return List.of();
      }
      throw e;
    }
  }

  /** Which of them are there, zombies not counted. */
  static List<Integer> alive(List<Integer> pids) {
    return pids.stream().filter(Processes::isAlive).toList();
  }

  private static boolean isAlive(int pid) {
    try (Stream<String> lines = Files.lines(Path.of("/proc/" + pid + "/status"))) {
      return lines.filter(l -> l.startsWith("State:")).noneMatch(l -> l.contains("Z"));
    } catch (IOException | UncheckedIOException gone) {
      return false;
    }
  }

  /** Sends SIGKILL. */
  static void kill(List<Integer> pids) {
    for (int pid : pids) {
      ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    }
  }

  /** Sends a signal by its name. */
  static void signal(String name, int pid) throws IOException {
    try {
      int code = new ProcessBuilder("kill", "-" + name, pid + "").inheritIO().start().waitFor();
      if (code != 0) {
        throw new IOException("kill -" + name + " " + pid + " ended with " + code);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
