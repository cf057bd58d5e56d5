package dev.pinnace.internal.isolation.linux.cgroup;

import dev.pinnace.spec.Bytes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * What a cgroup uses. Where it does not have a controller, that is empty.
 *
 * @param cpu {@code cpu.stat}, which is there without a controller
 * @param memory {@code memory.current} less {@code inactive_file} of {@code memory.stat}
 * @param memoryMax {@code memory.max}; empty also for no limit
 * @param bytesRead of all devices in {@code io.stat}
 * @param bytesWritten of all devices
 * @param pids {@code pids.current}
 */
public record CgroupUsage(
    Duration cpu,
    Optional<Bytes> memory,
    Optional<Bytes> memoryMax,
    Optional<Bytes> bytesRead,
    Optional<Bytes> bytesWritten,
    OptionalLong pids) {
  /** Reads it; empty where the cgroup is gone. */
  public static Optional<CgroupUsage> of(Path group) {
    try {
      Optional<String> io = text(group, "io.stat");
      Optional<Bytes> memory = memory(group);
      Optional<Bytes> max = text(group, "memory.max").flatMap(CgroupUsage::limit);
      OptionalLong pids = number(text(group, "pids.current"));
      // Last, for it is there as long as the cgroup: what was missing before is not counted.
      return text(group, "cpu.stat")
          .map(
              cpu ->
                  new CgroupUsage(
                      Duration.of(field(cpu, "usage_usec"), ChronoUnit.MICROS),
                      memory,
                      max,
                      io.map(text -> sum(text, "rbytes=")),
                      io.map(text -> sum(text, "wbytes=")),
                      pids));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read what " + group + " uses", e);
    }
  }

  private static Optional<Bytes> memory(Path group) throws IOException {
    OptionalLong current = number(text(group, "memory.current"));
    if (current.isEmpty()) {
      return Optional.empty();
    }
    long all = current.getAsLong();
    long inactive = text(group, "memory.stat").map(stat -> field(stat, "inactive_file")).orElse(0L);
    return Optional.of(Bytes.of(inactive < all ? all - inactive : all));
  }

  private static Optional<Bytes> limit(String text) {
    return text.strip().equals("max")
        ? Optional.empty()
        : Optional.of(Bytes.of(Long.parseLong(text.strip())));
  }

  private static OptionalLong number(Optional<String> text) {
    return text.map(digits -> OptionalLong.of(Long.parseLong(digits.strip())))
        .orElse(OptionalLong.empty());
  }

  /** The number after {@code name}, at the start of a line; 0 without one. */
  static long field(String text, String name) {
    return text.lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToLong(line -> Long.parseLong(line.substring(name.length() + 1).strip()))
        .findFirst()
        .orElse(0);
  }

  /** By words: some kernels begin a line with several devices. */
  private static Bytes sum(String text, String key) {
    return Bytes.of(
        Stream.of(text)
            .flatMap(all -> Arrays.stream(all.split("\\s+")))
            .filter(word -> word.startsWith(key))
            .mapToLong(word -> Long.parseLong(word.substring(key.length())))
            .sum());
  }

  private static Optional<String> text(Path group, String file) throws IOException {
    try {
      return Optional.of(Files.readString(group.resolve(file)));
    } catch (IOException e) {
      if (CgroupErrors.isGone(e)) {
        return Optional.empty();
      }
      throw e;
    }
  }
}
