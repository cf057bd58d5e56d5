package dev.pinnace.spec;

import dev.pinnace.error.InvalidSpecException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** What a container may use, as a builder collects it: {@link Limits}. */
abstract class LimitOptions<B> extends MountOptions<B> {
  private @Nullable Bytes memory;
  private OptionalLong memorySwap = OptionalLong.empty();
  private @Nullable Bytes memoryReservation;
  private OptionalDouble cpus = OptionalDouble.empty();
  private OptionalInt cpuWeight = OptionalInt.empty();
  private @Nullable String cpusetCpus;
  private @Nullable String cpusetMems;
  private OptionalLong pids = OptionalLong.empty();
  private OptionalInt ioWeight = OptionalInt.empty();
  private final List<String> ioMax = new ArrayList<>();

  /**
   * The most memory that it may use, caches of its files included. Beyond that the kernel reclaims,
   * then kills (cgroup v2, {@code memory.max}).
   *
   * @throws InvalidSpecException for less than 1 MiB
   */
  public B memory(Bytes limit) {
    Objects.requireNonNull(limit, "limit");
    Limits.checkMemory(limit);
    this.memory = limit;
    return self();
  }

  /**
   * Memory and swap together. Needs {@link #memory}; by default as much swap as memory, and no
   * limit of swap where the kernel does not count it (then one that is asked for is refused when
   * the container is created).
   */
  public B memorySwap(Bytes together) {
    this.memorySwap = OptionalLong.of(together.count());
    return self();
  }

  /** As much swap as there is. Needs {@link #memory}. */
  public B unlimitedSwap() {
    this.memorySwap = OptionalLong.of(-1);
    return self();
  }

  /** Memory below this is reclaimed last ({@code memory.low}). */
  public B memoryReservation(Bytes reserved) {
    Objects.requireNonNull(reserved, "reserved");
    this.memoryReservation = reserved;
    return self();
  }

  /**
   * Processors' worth of time: 1.5 is 150 ms in every 100 ({@code cpu.max}).
   *
   * @throws InvalidSpecException outside 0.01 to 4096
   */
  public B cpus(double processors) {
    Limits.checkCpus(processors);
    this.cpus = OptionalDouble.of(processors);
    return self();
  }

  /**
   * Share under contention, 1 to 10,000; 100 is usual ({@code cpu.weight}).
   *
   * @throws InvalidSpecException outside that
   */
  public B cpuWeight(int weight) {
    Limits.checkWeight("cpu weight", weight);
    this.cpuWeight = OptionalInt.of(weight);
    return self();
  }

  /** The processors that it may run on, as in {@code 0-2,4}; all by default. */
  public B cpusetCpus(String processors) {
    Objects.requireNonNull(processors, "processors");
    this.cpusetCpus = processors;
    return self();
  }

  /** The memory nodes that it may use, as in {@code 0,1}; all by default. */
  public B cpusetMems(String nodes) {
    Objects.requireNonNull(nodes, "nodes");
    this.cpusetMems = nodes;
    return self();
  }

  /**
   * Processes and threads at once ({@code pids.max}); no limit by default.
   *
   * @throws InvalidSpecException for less than 1
   */
  public B pids(long most) {
    Limits.checkPids(most);
    this.pids = OptionalLong.of(most);
    return self();
  }

  /**
   * Share of I/O under contention, 1 to 10,000; 100 is usual ({@code io.weight}).
   *
   * @throws InvalidSpecException outside that
   */
  public B ioWeight(int weight) {
    Limits.checkWeight("io weight", weight);
    this.ioWeight = OptionalInt.of(weight);
    return self();
  }

  /** A line of io.max: {@code 8:0 rbps=1048576 wiops=100}. */
  public B ioMax(String line) {
    Objects.requireNonNull(line, "line");
    ioMax.add(line);
    return self();
  }

  final Limits limits() {
    return new Limits(
        Optional.ofNullable(memory),
        memorySwap,
        Optional.ofNullable(memoryReservation),
        cpus,
        cpuWeight,
        Optional.ofNullable(cpusetCpus),
        Optional.ofNullable(cpusetMems),
        pids,
        ioWeight,
        ioMax);
  }
}
