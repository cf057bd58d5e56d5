package dev.pinnace.internal.isolation.linux;

import dev.pinnace.internal.isolation.linux.cgroup.CgroupUsage;
import dev.pinnace.internal.isolation.linux.process.HostCounters;
import dev.pinnace.internal.isolation.linux.process.NetworkCounters;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.ProcessInfo;
import dev.pinnace.spec.Stats;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Puts together what a container and its host have used. */
final class ContainerStats {
  private ContainerStats() {}

  /** By what its cgroup counts. */
  static Stats of(CgroupUsage usage, Optional<NetworkCounters> network, HostCounters host) {
    return new Stats(
        Instant.now(),
        usage.cpu(),
        host.cpuTime(),
        host.processors(),
        usage.memory(),
        usage.memory().map(counted -> limit(usage.memoryMax(), host.memory())),
        usage.bytesRead(),
        usage.bytesWritten(),
        network.map(NetworkCounters::received),
        network.map(NetworkCounters::sent),
        usage.pids());
  }

  private static Bytes limit(Optional<Bytes> max, Bytes host) {
    return max.filter(limit -> limit.compareTo(host) < 0).orElse(host);
  }

  /** By what its processes tell, where it has no cgroup. */
  static Stats of(
      List<ProcessInfo> processes, Optional<NetworkCounters> network, HostCounters host) {
    return new Stats(
        Instant.now(),
        processes.stream().map(ProcessInfo::cpuTime).reduce(Duration.ZERO, Duration::plus),
        host.cpuTime(),
        host.processors(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        network.map(NetworkCounters::received),
        network.map(NetworkCounters::sent),
        OptionalLong.of(processes.stream().mapToLong(ProcessInfo::threads).sum()));
  }
}
