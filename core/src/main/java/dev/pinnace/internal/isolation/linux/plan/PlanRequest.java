package dev.pinnace.internal.isolation.linux.plan;

import dev.pinnace.linux.plan.SupervisorPolicy;
import dev.pinnace.oci.RuntimeConfig;
import dev.pinnace.spi.storage.RootMount;
import java.nio.file.Path;
import java.util.Optional;

/**
 * One container to compile.
 *
 * @param config what it is
 * @param root how its root file system is mounted
 * @param mountPoint a directory of the host on which that happens, inside the container's own mount
 *     namespace
 * @param cgroup name of its cgroup below descriptor 12; empty without cgroups
 * @param seccomp the filter's program; empty for none
 * @param init whether process 1 is the launcher
 * @param held whether it is set up and goes no further, until its supervisor ends
 * @param eventText what its supervisor says of it when it starts and ends; empty if it tells nobody
 * @param policy of its supervisor
 */
public record PlanRequest(
    RuntimeConfig config,
    RootMount root,
    Path mountPoint,
    Optional<String> cgroup,
    Optional<FilterProgram> seccomp,
    boolean init,
    boolean held,
    Optional<String> eventText,
    SupervisorPolicy.Builder policy) {}
