package dev.pinnace.spec;

import dev.pinnace.error.InvalidSpecException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What a container may use, enforced by cgroup v2. Each is absent by default: no limit. A limit
 * that this host cannot enforce is an error when the container is created or updated.
 *
 * @param memory bytes of memory ({@code memory.max})
 * @param memorySwap memory and swap together; -1 for unlimited swap; by default as much swap as
 *     memory, as Docker
 * @param memoryReservation below which memory is reclaimed last ({@code memory.low})
 * @param cpus processors' worth of time ({@code cpu.max})
 * @param cpuQuota microseconds of processor time in each period ({@code cpu.max}); not together
 *     with {@code cpus}, which says the same in another way
 * @param cpuPeriod microseconds; 100,000 by default; not together with {@code cpus}
 * @param cpuWeight share under contention, 1 to 10,000, default 100 ({@code cpu.weight})
 * @param cpusetCpus processors, as in {@code 0-2,4}
 * @param cpusetMems memory nodes
 * @param pids processes and threads ({@code pids.max})
 * @param ioWeight share under contention, 1 to 10,000 ({@code io.weight}, {@code io.bfq.weight})
 * @param ioWeights that share of single disks, by {@code major:minor}
 * @param ioMax lines of {@code io.max}: {@code 8:0 rbps=1048576}
 * @param oomGroup whether all of its processes are killed where memory runs out for one ({@code
 *     memory.oom.group}); one alone by default
 * @param hugePages bytes in huge pages of each size, by the kernel's name of it: {@code 2MB}
 *     ({@code hugetlb.2MB.max})
 */
public record Limits(
    Optional<Bytes> memory,
    OptionalLong memorySwap,
    Optional<Bytes> memoryReservation,
    OptionalDouble cpus,
    OptionalLong cpuQuota,
    OptionalLong cpuPeriod,
    OptionalInt cpuWeight,
    Optional<String> cpusetCpus,
    Optional<String> cpusetMems,
    OptionalLong pids,
    OptionalInt ioWeight,
    List<String> ioMax,
    boolean oomGroup,
    Map<String, Integer> ioWeights,
    Map<String, Bytes> hugePages) {
  /** No limit. */
  public static final Limits NONE =
      new Limits(
          Optional.empty(),
          OptionalLong.empty(),
          Optional.empty(),
          OptionalDouble.empty(),
          OptionalLong.empty(),
          OptionalLong.empty(),
          OptionalInt.empty(),
          Optional.empty(),
          Optional.empty(),
          OptionalLong.empty(),
          OptionalInt.empty(),
          List.of(),
          false,
          Map.of(),
          Map.of());

  private static final Bytes LEAST_MEMORY = Bytes.mebi(1);

  public Limits {
    ioMax = List.copyOf(ioMax);
    ioWeights = Collections.unmodifiableMap(new LinkedHashMap<>(ioWeights));
    hugePages = Collections.unmodifiableMap(new LinkedHashMap<>(hugePages));
    memory.ifPresent(Limits::checkMemory);
    if (memorySwap.isPresent()) {
      if (memory.isEmpty()) {
        throw new InvalidSpecException("a swap limit needs a memory limit: set memory too");
      }
      if (memorySwap.getAsLong() != -1 && memorySwap.getAsLong() < memory.get().count()) {
        throw new InvalidSpecException(
            "memory and swap together ("
                + memorySwap.getAsLong()
                + ") cannot be less than the memory limit ("
                + memory.get().count()
                + ")");
      }
    }
    cpus.ifPresent(Limits::checkCpus);
    cpuQuota.ifPresent(Limits::checkCpuQuota);
    cpuPeriod.ifPresent(Limits::checkCpuPeriod);
    if (cpus.isPresent() && (cpuQuota.isPresent() || cpuPeriod.isPresent())) {
      throw new InvalidSpecException(
          "a limit of "
              + cpus.getAsDouble()
              + " cpus contradicts a quota or period of processor time, which say the same: give"
              + " one of the two");
    }
    cpuWeight.ifPresent(weight -> checkWeight("cpu weight", weight));
    ioWeight.ifPresent(weight -> checkWeight("io weight", weight));
    ioWeights.forEach(Limits::checkDeviceWeight);
    hugePages.keySet().forEach(HugePageSize::check);
    pids.ifPresent(Limits::checkPids);
  }

  static void checkMemory(Bytes memory) {
    if (memory.compareTo(LEAST_MEMORY) < 0) {
      throw new InvalidSpecException(
          "a memory limit of "
              + memory
              + " is too small for any program: at least "
              + LEAST_MEMORY);
    }
  }

  static void checkCpus(double cpus) {
    if (!(cpus >= 0.01 && cpus <= 4096)) {
      throw new InvalidSpecException("cpus must lie between 0.01 and 4096, not at " + cpus);
    }
  }

  static void checkCpuQuota(long micros) {
    if (micros < 1000) {
      throw new InvalidSpecException(
          "the quota of processor time must be 1000 microseconds at least, not " + micros);
    }
  }

  static void checkCpuPeriod(long micros) {
    if (micros < 1000 || micros > 1_000_000) {
      throw new InvalidSpecException(
          "the period of processor time must lie between 1000 and 1000000 microseconds, not at "
              + micros);
    }
  }

  static void checkWeight(String what, int weight) {
    if (weight < 1 || weight > 10_000) {
      throw new InvalidSpecException(
          "the " + what + " must lie between 1 and 10000, not at " + weight);
    }
  }

  static void checkDeviceWeight(String device, int weight) {
    if (!device.matches("\\d{1,9}:\\d{1,9}")) {
      throw new InvalidSpecException(
          "\"" + device + "\" is no number of a block device: write major:minor, as in 8:0");
    }
    checkWeight("io weight of " + device, weight);
  }

  /** As the kernel reads lists (cpuset(7), <i>List format</i>). */
  static void checkList(String what, String list) {
    for (String range : list.split(",", -1)) {
      String[] ends = range.split("-", 2);
      boolean numbers = range.matches("\\d{1,6}(-\\d{1,6})?");
      if (!numbers || Integer.parseInt(ends[0]) > Integer.parseInt(ends[ends.length - 1])) {
        throw new InvalidSpecException(
            "\""
                + list
                + "\" is not a list of "
                + what
                + ": write numbers and ranges, as in 0-2,4");
      }
    }
  }

  static void checkPids(long pids) {
    if (pids < 1) {
      throw new InvalidSpecException("a limit of " + pids + " processes would let nothing run");
    }
  }

  /** Starts with no limit. */
  public static LimitsBuilder builder() {
    return new LimitsBuilder(NONE);
  }

  /** Starts with these. */
  public LimitsBuilder toBuilder() {
    return new LimitsBuilder(this);
  }

  /** Whether nothing is limited. */
  public boolean isEmpty() {
    return equals(NONE);
  }
}
