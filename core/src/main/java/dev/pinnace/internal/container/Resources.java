package dev.pinnace.internal.container;

import dev.pinnace.oci.RuntimeConfig;
import dev.pinnace.spec.Limits;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Limits in the words of cgroup v2. */
public final class Resources {
  private static final long PERIOD_MICROS = 100_000;

  private Resources() {}

  /** Those that {@code limits} ask for, with the rules for devices that are in force. */
  public static RuntimeConfig.Resources of(Limits limits, List<String> devices) {
    Map<String, String> files = new LinkedHashMap<>();
    limits.memory().ifPresent(m -> memory(files, m.count(), limits));
    if (limits.oomGroup()) {
      files.put("memory.oom.group", "1");
    }
    limits.memoryReservation().ifPresent(r -> files.put("memory.low", Long.toString(r.count())));
    limits
        .cpus()
        .ifPresent(
            c ->
                files.put(
                    "cpu.max",
                    Math.max(1000, Math.round(c * PERIOD_MICROS)) + " " + PERIOD_MICROS));
    if (limits.cpuQuota().isPresent() || limits.cpuPeriod().isPresent()) {
      String quota =
          limits.cpuQuota().isPresent() ? Long.toString(limits.cpuQuota().getAsLong()) : "max";
      files.put("cpu.max", quota + " " + limits.cpuPeriod().orElse(PERIOD_MICROS));
    }
    limits.cpuWeight().ifPresent(w -> files.put("cpu.weight", Integer.toString(w)));
    limits.cpusetCpus().ifPresent(c -> files.put("cpuset.cpus", c));
    limits.cpusetMems().ifPresent(m -> files.put("cpuset.mems", m));
    limits.pids().ifPresent(p -> files.put("pids.max", Long.toString(p)));
    List<String> weights = new ArrayList<>();
    limits.ioWeight().ifPresent(w -> weights.add("default " + w));
    limits.ioWeights().forEach((device, w) -> weights.add(device + " " + w));
    if (!weights.isEmpty()) {
      files.put("io.weight", String.join("\n", weights));
    }
    if (!limits.ioMax().isEmpty()) {
      files.put("io.max", String.join("\n", limits.ioMax()));
    }
    // The first counts what is used; the second what is promised, so that no access ends a program.
    limits
        .hugePages()
        .forEach(
            (size, limit) -> {
              files.put("hugetlb." + size + ".max", Long.toString(limit.count()));
              files.put("hugetlb." + size + ".rsvd.max", Long.toString(limit.count()));
            });
    return new RuntimeConfig.Resources(files, devices);
  }

  /**
   * memory.swap.max counts swap alone; Docker's number counts memory too, and is twice the memory
   * by default.
   */
  private static void memory(Map<String, String> files, long memory, Limits limits) {
    files.put("memory.max", Long.toString(memory));
    long together = limits.memorySwap().orElse(2 * memory);
    files.put("memory.swap.max", together == -1 ? "max" : Long.toString(together - memory));
  }
}
