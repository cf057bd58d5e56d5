package dev.pinnace.spec;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Everything that is asked of a container. Immutable; made by {@link #image}, whose builder's
 * Javadoc lists the defaults.
 *
 * @param image reference or id
 * @param name unique; generated when empty
 * @param labels free text
 * @param annotations free text for those who read its runtime-spec configuration
 * @param process what runs
 * @param mounts what is mounted
 * @param volumesFrom containers whose volumes and binds it has, too
 * @param readOnly whether the root file system is read-only
 * @param shmSize of /dev/shm
 * @param devices nodes of the host that it gets: {@code host[:container][:access]}
 * @param deviceRules further devices that it may use, as {@link DeviceRule} reads them
 * @param limits of resources
 * @param security what its processes may do
 * @param namespaces what it has of its own
 * @param lifecycle how it begins and ends
 * @param health how to see whether it is well; empty for what the image says
 * @param pull when its image is pulled; empty for {@link PullPolicy#MISSING}
 * @param platform which image of an index is pulled; empty for this host's
 */
public record ContainerSpec(
    String image,
    Optional<String> name,
    Map<String, String> labels,
    Map<String, String> annotations,
    ProcessSpec process,
    List<Mount> mounts,
    List<VolumesFrom> volumesFrom,
    boolean readOnly,
    Bytes shmSize,
    List<String> devices,
    List<String> deviceRules,
    Limits limits,
    SecuritySpec security,
    NamespaceSpec namespaces,
    LifecycleSpec lifecycle,
    Optional<HealthSpec> health,
    Optional<PullPolicy> pull,
    Optional<Platform> platform) {
  public ContainerSpec {
    labels = Collections.unmodifiableMap(new LinkedHashMap<>(labels));
    annotations = Collections.unmodifiableMap(new LinkedHashMap<>(annotations));
    mounts = List.copyOf(mounts);
    volumesFrom = List.copyOf(volumesFrom);
    devices = List.copyOf(devices);
    deviceRules = List.copyOf(deviceRules);
  }

  /** The same with other limits. */
  public ContainerSpec withLimits(Limits newLimits) {
    return with(mounts, Objects.requireNonNull(newLimits, "newLimits"), lifecycle);
  }

  /** The same with another life. */
  public ContainerSpec withLifecycle(LifecycleSpec newLifecycle) {
    return with(mounts, limits, Objects.requireNonNull(newLifecycle, "newLifecycle"));
  }

  /** The same with other mounts in the place of its own. */
  public ContainerSpec withMounts(List<Mount> newMounts) {
    return with(Objects.requireNonNull(newMounts, "newMounts"), limits, lifecycle);
  }

  private ContainerSpec with(List<Mount> newMounts, Limits newLimits, LifecycleSpec newLifecycle) {
    return new ContainerSpec(
        image,
        name,
        labels,
        annotations,
        process,
        newMounts,
        volumesFrom,
        readOnly,
        shmSize,
        devices,
        deviceRules,
        newLimits,
        security,
        namespaces,
        newLifecycle,
        health,
        pull,
        platform);
  }

  /** Starts the specification of a container of {@code image}. */
  public static ContainerSpecBuilder image(String image) {
    return new ContainerSpecBuilder(image);
  }
}
