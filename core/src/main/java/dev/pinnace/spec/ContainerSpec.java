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
 * @param layerLimit how much its own files may take; empty for as much as there is
 * @param files what is copied into it before its first start; not kept with the container
 * @param ready what its start waits for; not kept with the container
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
    Optional<Platform> platform,
    Optional<Bytes> layerLimit,
    List<FileSpec> files,
    Optional<ReadySpec> ready) {
  public ContainerSpec {
    labels = Collections.unmodifiableMap(new LinkedHashMap<>(labels));
    annotations = Collections.unmodifiableMap(new LinkedHashMap<>(annotations));
    mounts = List.copyOf(mounts);
    SharedMounts.check(mounts);
    volumesFrom = List.copyOf(volumesFrom);
    devices = List.copyOf(devices);
    deviceRules = List.copyOf(deviceRules);
    files = List.copyOf(files);
  }

  /** The same with other limits. */
  public ContainerSpec withLimits(Limits newLimits) {
    return with(
        labels,
        mounts,
        Objects.requireNonNull(newLimits, "newLimits"),
        namespaces,
        lifecycle,
        files,
        ready);
  }

  /** The same with another life. */
  public ContainerSpec withLifecycle(LifecycleSpec newLifecycle) {
    return with(
        labels,
        mounts,
        limits,
        namespaces,
        Objects.requireNonNull(newLifecycle, "newLifecycle"),
        files,
        ready);
  }

  /** The same with other mounts in the place of its own. */
  public ContainerSpec withMounts(List<Mount> newMounts) {
    return with(
        labels,
        Objects.requireNonNull(newMounts, "newMounts"),
        limits,
        namespaces,
        lifecycle,
        files,
        ready);
  }

  /** The same with other namespaces. */
  public ContainerSpec withNamespaces(NamespaceSpec newNamespaces) {
    return with(
        labels,
        mounts,
        limits,
        Objects.requireNonNull(newNamespaces, "newNamespaces"),
        lifecycle,
        files,
        ready);
  }

  /** The same without what is done at its first start only: what is kept with the container. */
  public ContainerSpec withoutPreparation() {
    return with(labels, mounts, limits, namespaces, lifecycle, List.of(), Optional.empty());
  }

  /** The same with other labels in the place of its own. */
  public ContainerSpec withLabels(Map<String, String> newLabels) {
    return with(
        Objects.requireNonNull(newLabels, "newLabels"),
        mounts,
        limits,
        namespaces,
        lifecycle,
        files,
        ready);
  }

  private ContainerSpec with(
      Map<String, String> newLabels,
      List<Mount> newMounts,
      Limits newLimits,
      NamespaceSpec newNamespaces,
      LifecycleSpec newLifecycle,
      List<FileSpec> newFiles,
      Optional<ReadySpec> newReady) {
    return new ContainerSpec(
        image,
        name,
        newLabels,
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
        newNamespaces,
        newLifecycle,
        health,
        pull,
        platform,
        layerLimit,
        newFiles,
        newReady);
  }

  /** Starts the specification of a container of {@code image}. */
  public static ContainerSpecBuilder image(String image) {
    return new ContainerSpecBuilder(image);
  }
}
