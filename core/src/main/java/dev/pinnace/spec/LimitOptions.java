package dev.pinnace.spec;

import dev.pinnace.error.InvalidSpecException;
import java.util.Objects;

/** What a container may use, as a builder collects it: {@link Limits}. */
abstract class LimitOptions<B> extends MountOptions<B> {
  private LimitsBuilder limits = Limits.builder();

  /** All limits at once, in place of those that were given before. */
  public B limits(Limits all) {
    Objects.requireNonNull(all, "all");
    limits = all.toBuilder();
    return self();
  }

  /**
   * The most memory that it may use, caches of its files included. Beyond that the kernel reclaims,
   * then kills (cgroup v2, {@code memory.max}).
   *
   * @throws InvalidSpecException for less than 1 MiB
   */
  public B memory(Bytes limit) {
    limits.memory(limit);
    return self();
  }

  /**
   * Memory and swap together. Needs {@link #memory}; by default as much swap as memory, and no
   * limit of swap where the kernel does not count it (then one that is asked for is refused when
   * the container is created).
   */
  public B memorySwap(Bytes together) {
    limits.memorySwap(together);
    return self();
  }

  /** As much swap as there is. Needs {@link #memory}. */
  public B unlimitedSwap() {
    limits.unlimitedSwap();
    return self();
  }

  /**
   * Where memory runs out for one of its processes, all of them are killed ({@code
   * memory.oom.group}); by default the kernel chooses one, and the others go on.
   */
  public B oomGroup() {
    limits.oomGroup(true);
    return self();
  }

  /** Memory below this is reclaimed last ({@code memory.low}). */
  public B memoryReservation(Bytes reserved) {
    limits.memoryReservation(reserved);
    return self();
  }

  /**
   * Processors' worth of time: 1.5 is 150 ms in every 100 ({@code cpu.max}).
   *
   * @throws InvalidSpecException outside 0.01 to 4096
   */
  public B cpus(double processors) {
    limits.cpus(processors);
    return self();
  }

  /**
   * Microseconds of processor time in each period ({@code cpu.max}); not together with {@link
   * #cpus}, which says the same in another way: then {@code build()} refuses both.
   *
   * @throws InvalidSpecException for less than 1,000
   */
  public B cpuQuota(long micros) {
    limits.cpuQuota(micros);
    return self();
  }

  /**
   * The period of {@link #cpuQuota}, in microseconds; 100,000 by default.
   *
   * @throws InvalidSpecException outside 1,000 to 1,000,000
   */
  public B cpuPeriod(long micros) {
    limits.cpuPeriod(micros);
    return self();
  }

  /**
   * Share under contention, 1 to 10,000; 100 is usual ({@code cpu.weight}).
   *
   * @throws InvalidSpecException outside that
   */
  public B cpuWeight(int weight) {
    limits.cpuWeight(weight);
    return self();
  }

  /**
   * The processors that it may run on, as in {@code 0-2,4}; all by default.
   *
   * @throws InvalidSpecException for what is no such list
   */
  public B cpusetCpus(String processors) {
    limits.cpusetCpus(processors);
    return self();
  }

  /**
   * The memory nodes that it may use, as in {@code 0,1}; all by default.
   *
   * @throws InvalidSpecException for what is no such list
   */
  public B cpusetMems(String nodes) {
    limits.cpusetMems(nodes);
    return self();
  }

  /**
   * Processes and threads at once ({@code pids.max}); no limit by default.
   *
   * @throws InvalidSpecException for less than 1
   */
  public B pids(long most) {
    limits.pids(most);
    return self();
  }

  /**
   * Share of I/O under contention, 1 to 10,000; 100 is usual ({@code io.weight}, and {@code
   * io.bfq.weight} where the kernel has it).
   *
   * @throws InvalidSpecException outside that
   */
  public B ioWeight(int weight) {
    limits.ioWeight(weight);
    return self();
  }

  /**
   * The same of one disk. Its scheduler must be bfq, or its cost be counted ({@code io.cost.qos}):
   * otherwise nobody heeds it, and the container is refused when it is created.
   *
   * @param device {@code major:minor} of a whole disk
   * @throws InvalidSpecException for another device, or a weight outside 1 to 10,000
   */
  public B ioWeight(String device, int weight) {
    limits.ioWeight(device, weight);
    return self();
  }

  /**
   * The most memory in huge pages of one size, those reserved and not yet used included: beyond
   * that mmap(2) fails with ENOMEM ({@code hugetlb.2MB.max}, {@code hugetlb.2MB.rsvd.max}). Huge
   * pages do not count as {@link #memory}. No limit by default.
   *
   * @param size of a page, as in {@code Bytes.mebi(2)}
   * @param limit of all pages of that size together; zero forbids them
   * @throws InvalidSpecException if the size is no power of two, or the limit no number of pages
   */
  public B hugePages(Bytes size, Bytes limit) {
    limits.hugePages(size, limit);
    return self();
  }

  /** A line of io.max: {@code 8:0 rbps=1048576 wiops=100}. */
  public B ioMax(String line) {
    limits.ioMax(line);
    return self();
  }

  final Limits limits() {
    return limits.build();
  }
}
