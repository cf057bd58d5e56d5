package dev.pinnace.internal.isolation.linux.plan;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the compiler must know of the host; gathered once an engine, given by tests.
 *
 * @param uid of the engine
 * @param gid of the engine
 * @param capabilities that the engine has, names with {@code CAP_}; those of the initial user
 *     namespace
 * @param lastCapability the highest number that the kernel knows
 * @param kernelMajor version
 * @param kernelMinor version
 * @param lowerdirPlus whether overlay takes layers one by one through fsconfig(2)
 * @param cgroups whether containers get a cgroup
 * @param deviceRules whether that can say which devices they may use
 * @param thermalThrottle directories of processors that tell about the host's temperature
 * @param cgroupMount where the container's cgroup file system is mounted from; empty mounts a fresh
 *     cgroup2
 */
public record HostFacts(
    int uid,
    int gid,
    Set<String> capabilities,
    int lastCapability,
    int kernelMajor,
    int kernelMinor,
    boolean lowerdirPlus,
    boolean cgroups,
    boolean deviceRules,
    List<String> thermalThrottle,
    Optional<String> cgroupMount) {
  public HostFacts {
    capabilities = Set.copyOf(capabilities);
    thermalThrottle = List.copyOf(thermalThrottle);
  }

  /** The same host, and whether overlay takes layers one by one. */
  public HostFacts withLowerdirPlus(boolean taken) {
    return new HostFacts(
        uid,
        gid,
        capabilities,
        lastCapability,
        kernelMajor,
        kernelMinor,
        taken,
        cgroups,
        deviceRules,
        thermalThrottle,
        cgroupMount);
  }

  /** Whether the engine may do what root does; otherwise everything happens in a user namespace. */
  public boolean rootful() {
    return capabilities.contains("CAP_SYS_ADMIN");
  }
}
