package dev.pinnace.internal.state;

import dev.pinnace.oci.RuntimeConfig;
import dev.pinnace.oci.RuntimeConfig.NamespaceType;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.ContainerSpec;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.HealthSpec;
import dev.pinnace.spec.Limits;
import dev.pinnace.spec.Mount;
import dev.pinnace.spec.NetworkAttachment;
import dev.pinnace.spec.RestartPolicy;
import dev.pinnace.spec.Signal;
import dev.pinnace.spec.VolumeSpec;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What is written about a container.
 *
 * @param id its identity
 * @param name its name
 * @param imageId of its image
 * @param topLayer of its image
 * @param spec as it was asked for
 * @param mounts all that is mounted: as asked for, of other containers, and for the image; volumes
 *     have their names. Records of older versions have none, for {@link #allMounts}
 * @param config what it came to, with the image's defaults filled in and users resolved
 * @param stopSignal what stops it
 * @param health how to see whether it is well, with the image's and the defaults filled in; empty
 *     for no checks
 * @param created when
 * @param started whether it has been started: then it runs, or has an exit record, or its
 *     supervisor was killed
 * @param again whether its last start was not its first
 * @param ports of the host's that lead to it: those that it was given when it was made, and where
 *     one of which any would do was taken by somebody meanwhile, the one of its last start
 * @param boot in which boot of the kernel its last start was, empty before its first
 */
public record ContainerRecord(
    ContainerId id,
    String name,
    Digest imageId,
    Optional<Digest> topLayer,
    ContainerSpec spec,
    List<Mount> mounts,
    RuntimeConfig config,
    Signal stopSignal,
    Optional<HealthSpec> health,
    Instant created,
    boolean started,
    boolean again,
    List<PublishedPort> ports,
    Optional<String> boot) {
  public ContainerRecord {
    ports = List.copyOf(ports);
    mounts = List.copyOf(mounts);
  }

  /** All that is mounted. */
  public List<Mount> allMounts() {
    return mounts.isEmpty() ? spec.mounts() : mounts;
  }

  /** The names of its volumes. */
  public Set<String> volumes() {
    return mounts.stream()
        .map(Mount::volume)
        .flatMap(Optional::stream)
        .map(VolumeSpec::name)
        .flatMap(Optional::stream)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** The names of those that go with it. */
  public Set<String> anonymousVolumes() {
    return mounts.stream()
        .map(Mount::volume)
        .flatMap(Optional::stream)
        .filter(VolumeSpec::anonymous)
        .map(VolumeSpec::name)
        .flatMap(Optional::stream)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /**
   * The same after a start.
   *
   * @param thisBoot in which it was
   */
  public ContainerRecord asStarted(String thisBoot) {
    return with(name, spec, config, true, started, ports, Optional.of(thisBoot));
  }

  /** The same with other limits, as asked for and as the kernel gets them. */
  public ContainerRecord limited(Limits limits, RuntimeConfig.Resources resources) {
    return with(
        name,
        spec.withLimits(limits),
        config.withResources(resources),
        started,
        again,
        ports,
        boot);
  }

  /** The same with another restart policy. */
  public ContainerRecord restarted(RestartPolicy policy) {
    return with(
        name,
        spec.withLifecycle(spec.lifecycle().withRestart(policy)),
        config,
        started,
        again,
        ports,
        boot);
  }

  /** The same with other ports of the host's. */
  public ContainerRecord published(List<PublishedPort> newPorts) {
    return with(name, spec, config, started, again, newPorts, boot);
  }

  /** The same in other networks. */
  public ContainerRecord connected(List<NetworkAttachment> networks) {
    return with(
        name,
        spec.withNamespaces(spec.namespaces().withNetworks(networks)),
        config,
        started,
        again,
        ports,
        boot);
  }

  /** Whether it was made to be in networks, be it in none at present. */
  public boolean isNetworked() {
    return config
        .linux()
        .path(NamespaceType.NETWORK)
        .filter(path -> path.startsWith("network:"))
        .isPresent();
  }

  /** The same with another name. */
  public ContainerRecord named(String newName) {
    return with(newName, spec, config, started, again, ports, boot);
  }

  private ContainerRecord with(
      String newName,
      ContainerSpec newSpec,
      RuntimeConfig newConfig,
      boolean isStarted,
      boolean isAgain,
      List<PublishedPort> newPorts,
      Optional<String> lastBoot) {
    return new ContainerRecord(
        id,
        newName,
        imageId,
        topLayer,
        newSpec,
        mounts,
        newConfig,
        stopSignal,
        health,
        created,
        isStarted,
        isAgain,
        newPorts,
        lastBoot);
  }
}
