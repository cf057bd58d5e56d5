package dev.pinnace.internal.state;

import dev.pinnace.oci.RuntimeConfig;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.ContainerSpec;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.HealthSpec;
import dev.pinnace.spec.Limits;
import dev.pinnace.spec.RestartPolicy;
import dev.pinnace.spec.Signal;
import java.time.Instant;
import java.util.Optional;

/**
 * What is written about a container.
 *
 * @param id its identity
 * @param name its name
 * @param imageId of its image
 * @param topLayer of its image
 * @param spec as it was asked for
 * @param config what it came to, with the image's defaults filled in and users resolved
 * @param stopSignal what stops it
 * @param health how to see whether it is well, with the image's and the defaults filled in; empty
 *     for no checks
 * @param created when
 * @param started whether it has been started: then it runs, or has an exit record, or its
 *     supervisor was killed
 * @param again whether its last start was not its first
 * @param boot in which boot of the kernel its last start was, empty before its first
 */
public record ContainerRecord(
    ContainerId id,
    String name,
    Digest imageId,
    Optional<Digest> topLayer,
    ContainerSpec spec,
    RuntimeConfig config,
    Signal stopSignal,
    Optional<HealthSpec> health,
    Instant created,
    boolean started,
    boolean again,
    Optional<String> boot) {
  /**
   * The same after a start.
   *
   * @param thisBoot in which it was
   */
  public ContainerRecord asStarted(String thisBoot) {
    return with(name, spec, config, true, started, Optional.of(thisBoot));
  }

  /** The same with other limits, as asked for and as the kernel gets them. */
  public ContainerRecord limited(Limits limits, RuntimeConfig.Resources resources) {
    return with(
        name, spec.withLimits(limits), config.withResources(resources), started, again, boot);
  }

  /** The same with another restart policy. */
  public ContainerRecord restarted(RestartPolicy policy) {
    return with(
        name,
        spec.withLifecycle(spec.lifecycle().withRestart(policy)),
        config,
        started,
        again,
        boot);
  }

  /** The same with another name. */
  public ContainerRecord named(String newName) {
    return with(newName, spec, config, started, again, boot);
  }

  private ContainerRecord with(
      String newName,
      ContainerSpec newSpec,
      RuntimeConfig newConfig,
      boolean isStarted,
      boolean isAgain,
      Optional<String> lastBoot) {
    return new ContainerRecord(
        id,
        newName,
        imageId,
        topLayer,
        newSpec,
        newConfig,
        stopSignal,
        health,
        created,
        isStarted,
        isAgain,
        lastBoot);
  }
}
