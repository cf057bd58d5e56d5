package dev.pinnace.examples.cli;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.Limits;
import dev.pinnace.spec.LimitsBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** Flags that say what a container may use. */
final class LimitOptions {
  @Option(
      names = {"-m", "--memory"},
      paramLabel = "SIZE",
      description = "The most memory, as in 256m or 1g: powers of 1024; 0 is as good as nothing.")
  private Optional<String> memory = Optional.empty();

  @Option(
      names = "--memory-swap",
      paramLabel = "SIZE",
      description = "Memory and swap together; -1 for unlimited swap.")
  private Optional<String> memorySwap = Optional.empty();

  @Option(
      names = "--memory-reservation",
      paramLabel = "SIZE",
      description = "Below this much, memory is reclaimed last.")
  private Optional<String> memoryReservation = Optional.empty();

  @Option(
      names = "--cpus",
      paramLabel = "N",
      description = "The most processor time, as in 1.5 processors; 0 is as good as nothing.")
  private Optional<Double> cpus = Optional.empty();

  @Option(
      names = "--cpu-quota",
      paramLabel = "MICROS",
      description = "Processor time in each period, instead of --cpus; -1 for no limit.")
  private Optional<Long> cpuQuota = Optional.empty();

  @Option(
      names = "--cpu-period",
      paramLabel = "MICROS",
      description = "The period of --cpu-quota, 1000 to 1000000; 100000 by default.")
  private Optional<Long> cpuPeriod = Optional.empty();

  @Option(
      names = {"-c", "--cpu-shares"},
      paramLabel = "N",
      description = "Share of processor time under contention, 2 to 262144; 1024 by default.")
  private Optional<Long> cpuShares = Optional.empty();

  @Option(
      names = "--cpuset-cpus",
      paramLabel = "LIST",
      description = "The processors to run on, as in 0-2,4. All by default.")
  private Optional<String> cpusetCpus = Optional.empty();

  @Option(
      names = "--cpuset-mems",
      paramLabel = "LIST",
      description = "The NUMA nodes to take memory from, as in 0,1. All by default.")
  private Optional<String> cpusetMems = Optional.empty();

  @Option(
      names = "--pids-limit",
      paramLabel = "N",
      description = "The most processes and threads; 0 or less for no limit, the default.")
  private Optional<Long> pids = Optional.empty();

  @Option(
      names = "--blkio-weight",
      paramLabel = "N",
      description = "Share of I/O under contention, 10 to 1000.")
  private Optional<Integer> blkioWeight = Optional.empty();

  @Option(
      names = "--blkio-weight-device",
      paramLabel = "DEVICE:N",
      description = "That share of one disk, as in /dev/sda:500.")
  private List<String> weightDevice = new ArrayList<>();

  @Option(
      names = "--huge-pages",
      paramLabel = "SIZE:LIMIT",
      description = "The most in huge pages of one size, as in 2m:64m.")
  private List<String> hugePages = new ArrayList<>();

  @Option(
      names = "--device-read-bps",
      paramLabel = "DEVICE:SIZE",
      description = "The most bytes to read from a block device in a second, as in /dev/sda:10m.")
  private List<String> readBps = new ArrayList<>();

  @Option(
      names = "--device-write-bps",
      paramLabel = "DEVICE:SIZE",
      description = "The most bytes to write to a block device in a second.")
  private List<String> writeBps = new ArrayList<>();

  @Option(
      names = "--device-read-iops",
      paramLabel = "DEVICE:N",
      description = "The most reads from a block device in a second, as in /dev/sda:500.")
  private List<String> readIops = new ArrayList<>();

  @Option(
      names = "--device-write-iops",
      paramLabel = "DEVICE:N",
      description = "The most writes to a block device in a second.")
  private List<String> writeIops = new ArrayList<>();

  /** Whether any of these flags is there. */
  boolean areGiven() {
    return Stream.of(
                memory,
                memorySwap,
                memoryReservation,
                cpus,
                cpuQuota,
                cpuPeriod,
                cpuShares,
                cpusetCpus,
                cpusetMems,
                pids,
                blkioWeight)
            .anyMatch(Optional::isPresent)
        || Stream.of(weightDevice, hugePages, readBps, writeBps, readIops, writeIops)
            .anyMatch(flags -> !flags.isEmpty());
  }

  /** Refuses flags that would be wrong of every container. */
  void check() {
    Limits unused = over(Limits.builder().memory(Bytes.mebi(1)).build());
  }

  /** What a container may use that may use {@code earlier}, and for which these flags are given. */
  Limits over(Limits earlier) {
    if (isPositive(cpus) && (isPositive(cpuQuota) || isPositive(cpuPeriod))) {
      throw new InvalidSpecException(
          "--cpus contradicts --cpu-quota and --cpu-period, which say the same: leave one out");
    }
    LimitsBuilder limits = earlier.toBuilder();
    limit(memory).ifPresent(limits::memory);
    if (memorySwap.filter("-1"::equals).isPresent()) {
      if (memory.isPresent() || earlier.memory().isPresent()) {
        limits.unlimitedSwap(); // which it is without a limit of memory
      }
    } else {
      limit(memorySwap).ifPresent(limits::memorySwap);
    }
    limit(memoryReservation).ifPresent(limits::memoryReservation);
    if (cpuQuota.filter(micros -> micros == -1).isPresent()) {
      limits.unlimitedCpus();
    }
    cpus.filter(processors -> processors != 0).ifPresent(limits::cpus);
    cpuQuota.filter(micros -> micros != 0 && micros != -1).ifPresent(limits::cpuQuota);
    cpuPeriod.filter(micros -> micros != 0).ifPresent(limits::cpuPeriod);
    cpuShares.filter(shares -> shares != 0).ifPresent(s -> limits.cpuWeight(cpuWeight(s)));
    cpusetCpus.filter(list -> !list.isEmpty()).ifPresent(limits::cpusetCpus);
    cpusetMems.filter(list -> !list.isEmpty()).ifPresent(limits::cpusetMems);
    if (pids.isPresent()) {
      limits.unlimitedPids();
    }
    pids.filter(most -> most > 0).ifPresent(limits::pids);
    blkioWeight
        .filter(weight -> weight != 0)
        .ifPresent(w -> limits.ioWeight(ioWeight("--blkio-weight", w)));
    weightDevice.forEach(text -> weigh(limits, text));
    hugePages.forEach(text -> hugePages(limits, text));
    return limits.ioMax(io(earlier).lines()).build();
  }

  private static boolean isPositive(Optional<? extends Number> flag) {
    return flag.filter(number -> number.doubleValue() > 0).isPresent();
  }

  private static void weigh(LimitsBuilder limits, String text) {
    String flag = "--blkio-weight-device";
    String value = BlockDevice.value(flag, text);
    if (!value.matches("\\d{1,6}")) {
      throw new InvalidSpecException(flag + " " + text + ": write DEVICE:NUMBER");
    }
    int weight = ioWeight(flag, Integer.parseInt(value));
    limits.ioWeight(BlockDevice.number(flag, text), weight);
  }

  private static void hugePages(LimitsBuilder limits, String text) {
    String[] sides = text.split(":", -1);
    if (sides.length != 2) {
      throw new InvalidSpecException("--huge-pages " + text + ": write SIZE:LIMIT, as in 2m:64m");
    }
    limits.hugePages(Bytes.parse(sides[0]), Bytes.parse(sides[1]));
  }

  private IoMax io(Limits earlier) {
    IoMax io = new IoMax(earlier.ioMax());
    readBps.forEach(text -> io.bytes("--device-read-bps", "rbps", text));
    writeBps.forEach(text -> io.bytes("--device-write-bps", "wbps", text));
    readIops.forEach(text -> io.operations("--device-read-iops", "riops", text));
    writeIops.forEach(text -> io.operations("--device-write-iops", "wiops", text));
    return io;
  }

  /** As with Docker, 0 is as good as nothing. */
  private static Optional<Bytes> limit(Optional<String> size) {
    return size.map(Bytes::parse).filter(bytes -> bytes.count() != 0);
  }

  /**
   * cgroup v1 shares as a cgroup v2 weight, by the curve of runc 1.4: 2 is 1, 1024 is 100, 262144
   * is 10000.
   */
  static int cpuWeight(long shares) {
    if (shares < 2 || shares > 262_144) {
      throw new InvalidSpecException("--cpu-shares lies between 2 and 262144, not at " + shares);
    }
    double log = Math.log((double) shares) / Math.log(2);
    double exponent = (log * log + 125 * log) / 612.0 - 7.0 / 34.0;
    return (int) Math.max(1, Math.min(10_000, Math.ceil(Math.pow(10, exponent) - 1e-9)));
  }

  /** Shares of that weight, of several the roundest: powers of 2 first; 0 for none. */
  static long cpuShares(int weight) {
    if (weight == 0) {
      return 0;
    }
    for (long shares = 2; shares <= 262_144; shares *= 2) {
      if (cpuWeight(shares) == weight) {
        return shares;
      }
    }
    for (long step : new long[] {1000, 500, 100, 50, 10, 5}) {
      for (long shares = step; shares <= 262_144; shares += step) {
        if (cpuWeight(shares) == weight) {
          return shares;
        }
      }
    }
    return LongStream.rangeClosed(2, 262_144)
        .filter(shares -> cpuWeight(shares) >= weight)
        .findFirst()
        .orElse(262_144);
  }

  /** The other way round; 0 for none. */
  static int blkioWeight(int weight) {
    return weight == 0 ? 0 : 10 + ((weight - 1) * 990 + 9998) / 9999;
  }

  /** Docker's 10 to 1000 on cgroup v2's scale of 1 to 10000, linearly, as runc has it. */
  static int ioWeight(String flag, int weight) {
    if (weight < 10 || weight > 1000) {
      throw new InvalidSpecException(flag + " lies between 10 and 1000, not at " + weight);
    }
    return 1 + (weight - 10) * 9999 / 990;
  }
}
