package dev.pinnace.spec;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * What a container uses at one moment, as the files of its cgroup have it (kernel:
 * Documentation/admin-guide/cgroup-v2.rst). What this host does not count for it is empty, never
 * zero. Where it has no cgroup, processor time and {@code pids} are those of the processes that it
 * has now, and the rest is empty.
 *
 * @param read when, by this host's clock
 * @param cpuTime of its processes since it was started, restarts by its policy included ({@code
 *     cpu.stat})
 * @param systemCpuTime of all processors of this host since it was booted, idle or not, exact to 10
 *     ms (proc(5), {@code /proc/stat})
 * @param processors of this host that are online
 * @param memory without the part of its files' cache that is the first to be reclaimed ({@code
 *     memory.current} less {@code inactive_file})
 * @param memoryLimit the most that it may have; this host's memory where that is less, or there is
 *     no limit
 * @param bytesRead from all block devices ({@code io.stat})
 * @param bytesWritten to all block devices
 * @param bytesReceived by its network's interfaces but loopback ({@code /proc/pid/net/dev}); empty
 *     for one in this host's network
 * @param bytesSent by these
 * @param pids its processes and threads ({@code pids.current})
 */
public record Stats(
    Instant read,
    Duration cpuTime,
    Duration systemCpuTime,
    int processors,
    Optional<Bytes> memory,
    Optional<Bytes> memoryLimit,
    Optional<Bytes> bytesRead,
    Optional<Bytes> bytesWritten,
    Optional<Bytes> bytesReceived,
    Optional<Bytes> bytesSent,
    OptionalLong pids) {
  public Stats {
    Objects.requireNonNull(read, "read");
    Objects.requireNonNull(cpuTime, "cpuTime");
    Objects.requireNonNull(systemCpuTime, "systemCpuTime");
    Objects.requireNonNull(memory, "memory");
    Objects.requireNonNull(memoryLimit, "memoryLimit");
    Objects.requireNonNull(bytesRead, "bytesRead");
    Objects.requireNonNull(bytesWritten, "bytesWritten");
    Objects.requireNonNull(bytesReceived, "bytesReceived");
    Objects.requireNonNull(bytesSent, "bytesSent");
    Objects.requireNonNull(pids, "pids");
  }

  /**
   * The share of one processor in percent that it had between two moments, as {@code docker stats}
   * tells it: 100 for each processor that it kept busy. 0 where less was used than before, as after
   * a new start, or the host's clock of processors has not moved.
   */
  public double cpuPercentSince(Stats earlier) {
    long used = cpuTime.minus(earlier.cpuTime).toNanos();
    long passed = systemCpuTime.minus(earlier.systemCpuTime).toNanos();
    return used <= 0 || passed <= 0 ? 0 : 100.0 * processors * used / passed;
  }

  /** The share of {@code memoryLimit} in percent that it uses; empty where either is. */
  public OptionalDouble memoryPercent() {
    return memory.isPresent() && memoryLimit.filter(most -> most.count() > 0).isPresent()
        ? OptionalDouble.of(100.0 * memory.get().count() / memoryLimit.get().count())
        : OptionalDouble.empty();
  }
}
