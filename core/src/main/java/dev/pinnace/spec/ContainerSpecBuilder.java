package dev.pinnace.spec;

import dev.pinnace.error.InvalidSpecException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Collects a {@link ContainerSpec}. Not thread-safe. Options that contradict each other are refused
 * at the call that does so.
 *
 * <p>Defaults: a generated name; an image that is pulled if it is not here, for this host's
 * platform; the image's entrypoint, command, environment, user, working directory, stop signal and
 * health check; no terminal, and nothing to read; no mounts; a writable root; 64 MiB of /dev/shm;
 * no limits; Docker's default security profile; no network but loopback; every other namespace
 * private and no user namespace; a hostname of the id's first twelve digits; {@link
 * Lifetime#BOUND}; kept after its end; no restart; ten seconds between stop signal and SIGKILL; no
 * time limit; three log files of 10 MiB.
 */
public final class ContainerSpecBuilder extends LifecycleOptions<ContainerSpecBuilder> {
  private final String image;
  private @Nullable String name;
  private @Nullable PullPolicy pull;
  private @Nullable Platform platform;
  private @Nullable HealthSpec health;
  private final Map<String, String> labels = new LinkedHashMap<>();
  private final Map<String, String> annotations = new LinkedHashMap<>();

  ContainerSpecBuilder(String image) {
    Objects.requireNonNull(image, "image");
    if (image.isBlank()) {
      throw new InvalidSpecException("a container needs an image: name one");
    }
    this.image = image;
  }

  /** Its unique name: a letter or digit, then letters, digits, {@code _ . -}. */
  public ContainerSpecBuilder name(String newName) {
    Objects.requireNonNull(newName, "newName");
    this.name = ContainerName.requireValid(newName);
    return this;
  }

  /** When its image is pulled; an image that is not a reference is never. */
  public ContainerSpecBuilder pull(PullPolicy policy) {
    Objects.requireNonNull(policy, "policy");
    this.pull = policy;
    return this;
  }

  /** Which image is pulled where there are several; one that is here is taken as it is. */
  public ContainerSpecBuilder platform(Platform wanted) {
    Objects.requireNonNull(wanted, "wanted");
    this.platform = wanted;
    return this;
  }

  /**
   * How to see whether it is well; by default as the image says.
   *
   * @throws InvalidSpecException after {@link #noHealth}
   */
  public ContainerSpecBuilder health(HealthSpec check) {
    Objects.requireNonNull(check, "check");
    if (health != null && health.isNone() != check.isNone()) {
      throw conflict(
          check.isNone() ? "no health check" : "a health check",
          health.isNone() ? "no health check" : "a health check");
    }
    this.health = check;
    return this;
  }

  /**
   * No checks of its health, whatever the image says.
   *
   * @throws InvalidSpecException after {@link #health}
   */
  public ContainerSpecBuilder noHealth() {
    return health(HealthSpec.none());
  }

  /** Free text for whoever lists containers; it means nothing to Pinnace. */
  public ContainerSpecBuilder label(String key, String value) {
    Objects.requireNonNull(value, "value");
    if (key.isEmpty()) {
      throw new InvalidSpecException("a label needs a name");
    }
    labels.put(key, value);
    return this;
  }

  /**
   * Free text in the runtime-spec configuration (<i>Annotations</i>), by a name that is not empty.
   */
  public ContainerSpecBuilder annotation(String key, String value) {
    Objects.requireNonNull(value, "value");
    if (key.isEmpty()) {
      throw new InvalidSpecException("an annotation needs a name");
    }
    annotations.put(key, value);
    return this;
  }

  /**
   * The finished specification.
   *
   * @throws InvalidSpecException if options do not go together
   */
  public ContainerSpec build() {
    return new ContainerSpec(
        image,
        Optional.ofNullable(name),
        labels,
        annotations,
        process(),
        mounts,
        volumesFrom,
        readOnly,
        shmSize(),
        devices,
        deviceRules,
        limits(),
        security(),
        namespaces(),
        lifecycle(),
        Optional.ofNullable(health),
        Optional.ofNullable(pull),
        Optional.ofNullable(platform));
  }

  @Override
  ContainerSpecBuilder self() {
    return this;
  }
}
