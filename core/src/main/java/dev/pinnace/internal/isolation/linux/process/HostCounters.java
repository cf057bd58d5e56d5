package dev.pinnace.internal.isolation.linux.process;

import dev.pinnace.spec.Bytes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * What this host has and has done (proc(5), {@code /proc/stat} and {@code /proc/meminfo}).
 *
 * @param cpuTime of all processors since boot, as Docker sums it: in user and system mode, idle,
 *     and in interrupts; not what other guests of a hypervisor had
 * @param processors online
 * @param memory all of it
 * @param swapFree what could be swapped out
 */
public record HostCounters(Duration cpuTime, int processors, Bytes memory, Bytes swapFree) {
  private static final Path PROC = Path.of("/proc");
  private static final long TICK_MILLIS = 10; // USER_HZ is 100 on all architectures
  private static final int COUNTED = 7;

  /** Those of this moment. */
  public static HostCounters now() {
    try {
      return parse(
          Files.readAllLines(PROC.resolve("stat")), Files.readAllLines(PROC.resolve("meminfo")));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read what this host has done", e);
    }
  }

  static HostCounters parse(List<String> stat, List<String> meminfo) {
    long processors = stat.stream().filter(line -> line.matches("cpu\\d+ .*")).count();
    return new HostCounters(
        stat.stream()
            .filter(line -> line.startsWith("cpu "))
            .map(HostCounters::time)
            .findFirst()
            .orElse(Duration.ZERO),
        Math.max(1, (int) processors),
        kibibytes(meminfo, "MemTotal:"),
        kibibytes(meminfo, "SwapFree:"));
  }

  private static Duration time(String line) {
    String[] words = line.strip().split("\\s+", -1);
    long ticks = 0;
    for (int i = 1; i <= COUNTED && i < words.length; i++) {
      ticks += Long.parseLong(words[i]);
    }
    return Duration.ofMillis(ticks * TICK_MILLIS);
  }

  private static Bytes kibibytes(List<String> meminfo, String name) {
    return meminfo.stream()
        .filter(line -> line.startsWith(name))
        .map(line -> Bytes.kibi(Long.parseLong(line.split("\\s+", -1)[1])))
        .findFirst()
        .orElse(Bytes.ZERO);
  }
}
