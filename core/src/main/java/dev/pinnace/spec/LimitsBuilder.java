package dev.pinnace.spec;

import dev.pinnace.error.InvalidSpecException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Collects {@link Limits}, from none or from others on; what the methods mean is said at those of
 * {@link ContainerSpecBuilder}. Not thread-safe.
 */
public final class LimitsBuilder {
  private Optional<Bytes> memory;
  private OptionalLong memorySwap;
  private Optional<Bytes> memoryReservation;
  private OptionalDouble cpus;
  private OptionalLong cpuQuota;
  private OptionalLong cpuPeriod;
  private OptionalInt cpuWeight;
  private Optional<String> cpusetCpus;
  private Optional<String> cpusetMems;
  private OptionalLong pids;
  private OptionalInt ioWeight;
  private final List<String> ioMax;
  private final Map<String, Integer> ioWeights;
  private final Map<String, Bytes> hugePages;
  private boolean oomGroup;

  LimitsBuilder(Limits from) {
    memory = from.memory();
    memorySwap = from.memorySwap();
    memoryReservation = from.memoryReservation();
    cpus = from.cpus();
    cpuQuota = from.cpuQuota();
    cpuPeriod = from.cpuPeriod();
    cpuWeight = from.cpuWeight();
    cpusetCpus = from.cpusetCpus();
    cpusetMems = from.cpusetMems();
    pids = from.pids();
    ioWeight = from.ioWeight();
    ioMax = new ArrayList<>(from.ioMax());
    ioWeights = new LinkedHashMap<>(from.ioWeights());
    hugePages = new LinkedHashMap<>(from.hugePages());
    oomGroup = from.oomGroup();
  }

  /** The most memory. */
  public LimitsBuilder memory(Bytes limit) {
    Objects.requireNonNull(limit, "limit");
    Limits.checkMemory(limit);
    memory = Optional.of(limit);
    return this;
  }

  /** No limit of memory, nor of memory and swap together. */
  public LimitsBuilder unlimitedMemory() {
    memory = Optional.empty();
    memorySwap = OptionalLong.empty();
    return this;
  }

  /** Memory and swap together. */
  public LimitsBuilder memorySwap(Bytes together) {
    memorySwap = OptionalLong.of(together.count());
    return this;
  }

  /** As much swap as there is. */
  public LimitsBuilder unlimitedSwap() {
    memorySwap = OptionalLong.of(-1);
    return this;
  }

  /** Memory that is reclaimed last. */
  public LimitsBuilder memoryReservation(Bytes reserved) {
    Objects.requireNonNull(reserved, "reserved");
    memoryReservation = Optional.of(reserved);
    return this;
  }

  /** Processors' worth of time. */
  public LimitsBuilder cpus(double processors) {
    Limits.checkCpus(processors);
    cpus = OptionalDouble.of(processors);
    return this;
  }

  /** Microseconds of processor time in each period. */
  public LimitsBuilder cpuQuota(long micros) {
    Limits.checkCpuQuota(micros);
    cpuQuota = OptionalLong.of(micros);
    return this;
  }

  /** Microseconds. */
  public LimitsBuilder cpuPeriod(long micros) {
    Limits.checkCpuPeriod(micros);
    cpuPeriod = OptionalLong.of(micros);
    return this;
  }

  /** No limit of processors' time, be it of {@link #cpus} or {@link #cpuQuota}. */
  public LimitsBuilder unlimitedCpus() {
    cpus = OptionalDouble.empty();
    cpuQuota = OptionalLong.empty();
    cpuPeriod = OptionalLong.empty();
    return this;
  }

  /** Share of processors' time under contention. */
  public LimitsBuilder cpuWeight(int weight) {
    Limits.checkWeight("cpu weight", weight);
    cpuWeight = OptionalInt.of(weight);
    return this;
  }

  /** The processors that it may run on. */
  public LimitsBuilder cpusetCpus(String processors) {
    Objects.requireNonNull(processors, "processors");
    Limits.checkList("processors", processors);
    cpusetCpus = Optional.of(processors);
    return this;
  }

  /** The memory nodes that it may use. */
  public LimitsBuilder cpusetMems(String nodes) {
    Objects.requireNonNull(nodes, "nodes");
    Limits.checkList("memory nodes", nodes);
    cpusetMems = Optional.of(nodes);
    return this;
  }

  /** Processes and threads at once. */
  public LimitsBuilder pids(long most) {
    Limits.checkPids(most);
    pids = OptionalLong.of(most);
    return this;
  }

  /** No limit of processes and threads. */
  public LimitsBuilder unlimitedPids() {
    pids = OptionalLong.empty();
    return this;
  }

  /** Share of I/O under contention. */
  public LimitsBuilder ioWeight(int weight) {
    Limits.checkWeight("io weight", weight);
    ioWeight = OptionalInt.of(weight);
    return this;
  }

  /** The share of I/O of one disk, in place of the one before. */
  public LimitsBuilder ioWeight(String device, int weight) {
    Objects.requireNonNull(device, "device");
    Limits.checkDeviceWeight(device, weight);
    ioWeights.put(device, weight);
    return this;
  }

  /** The most in huge pages of that size. */
  public LimitsBuilder hugePages(Bytes size, Bytes limit) {
    Objects.requireNonNull(size, "size");
    Objects.requireNonNull(limit, "limit");
    String name = HugePageSize.name(size);
    HugePageSize.checkWhole(size, limit);
    hugePages.put(name, limit);
    return this;
  }

  /** No limit of huge pages, of whatever size. */
  public LimitsBuilder unlimitedHugePages() {
    hugePages.clear();
    return this;
  }

  /**
   * Whether all processes are killed where memory runs out for one; by default the kernel chooses
   * one, and the others go on.
   */
  public LimitsBuilder oomGroup(boolean all) {
    oomGroup = all;
    return this;
  }

  /** One more line of io.max. */
  public LimitsBuilder ioMax(String line) {
    Objects.requireNonNull(line, "line");
    ioMax.add(line);
    return this;
  }

  /** These lines of io.max, in place of those before. */
  public LimitsBuilder ioMax(List<String> lines) {
    List<String> copy = List.copyOf(Objects.requireNonNull(lines, "lines"));
    ioMax.clear();
    ioMax.addAll(copy);
    return this;
  }

  /**
   * The finished limits.
   *
   * @throws InvalidSpecException if they contradict each other
   */
  public Limits build() {
    return new Limits(
        memory,
        memorySwap,
        memoryReservation,
        cpus,
        cpuQuota,
        cpuPeriod,
        cpuWeight,
        cpusetCpus,
        cpusetMems,
        pids,
        ioWeight,
        ioMax,
        oomGroup,
        ioWeights,
        hugePages);
  }
}
