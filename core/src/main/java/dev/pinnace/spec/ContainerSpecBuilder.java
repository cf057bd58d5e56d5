package dev.pinnace.spec;

import dev.pinnace.error.InvalidSpecException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
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
 * no limits, of its files either; nothing copied into it, and nothing waited for; Docker's default
 * security profile; no network but loopback; every other namespace private and no user namespace; a
 * hostname of the id's first twelve digits; {@link Lifetime#BOUND}; kept after its end; no restart;
 * ten seconds between stop signal and SIGKILL; no time limit; three log files of 10 MiB.
 */
public final class ContainerSpecBuilder extends LifecycleOptions<ContainerSpecBuilder> {
  private static final Bytes LEAST_LAYER = Bytes.mebi(1);

  private final String image;
  private @Nullable String name;
  private @Nullable PullPolicy pull;
  private @Nullable Platform platform;
  private @Nullable HealthSpec health;
  private @Nullable Bytes layerLimit;
  private final List<FileSpec> files = new ArrayList<>();
  private @Nullable ReadySpec ready;
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

  /**
   * How much the files may take that it writes, beyond those of its image and outside of its
   * mounts; as much as there is by default. A write beyond that fails with ENOSPC or EDQUOT. With
   * the storage driver vfs, whose containers begin with a copy of the image, what is deleted of
   * that makes room.
   *
   * <p>Needs root, and a file system with project quotas: xfs that is mounted with {@code pquota},
   * or ext4 made with {@code -O quota,project} and mounted with {@code prjquota}. Elsewhere making
   * the container fails with {@link dev.pinnace.error.UnsupportedException}.
   *
   * @throws InvalidSpecException for less than 1 MiB
   */
  public ContainerSpecBuilder layerLimit(Bytes limit) {
    if (limit.compareTo(LEAST_LAYER) < 0) {
      throw new InvalidSpecException(
          "a container's own files need a limit of at least 1 MiB, not " + limit);
    }
    this.layerLimit = limit;
    return this;
  }

  /**
   * Text, in UTF-8, of a file in the container, which is there before its program begins; see
   * {@link FileSpec}.
   *
   * @param path in the container, absolute; of two with the same the later counts
   */
  public ContainerSpecBuilder file(String path, String text) {
    return file(FileSpec.of(path, text));
  }

  /** The same with bytes. */
  public ContainerSpecBuilder file(String path, byte[] content) {
    return file(FileSpec.of(path, content));
  }

  /** The same with what a file of the host has when the container is made. */
  public ContainerSpecBuilder file(String path, Path source) {
    return file(FileSpec.of(path, source));
  }

  /** The same with mode and owner. */
  public ContainerSpecBuilder file(FileSpec file) {
    Objects.requireNonNull(file, "file");
    files.removeIf(known -> known.path().equals(file.path()));
    files.add(file);
    return this;
  }

  /**
   * What {@code Containers.start} and {@code Containers.scoped} wait for, a minute at most; nothing
   * by default. A container that is not ready in time, or ends before, is removed, and the start
   * fails with {@link dev.pinnace.error.StartFailedException}, which has its last lines. It is not
   * kept with the container: a later {@code Container.start} waits for nothing, {@code
   * Container.awaitReady} does. {@code Containers.create} and {@code Containers.run} refuse it.
   */
  public ContainerSpecBuilder ready(Ready condition) {
    return ready(condition, ReadySpec.USUAL_LIMIT);
  }

  /**
   * The same for so long.
   *
   * @throws InvalidSpecException if {@code limit} is not positive
   */
  public ContainerSpecBuilder ready(Ready condition, Duration limit) {
    this.ready = new ReadySpec(condition, limit);
    return this;
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
        Optional.ofNullable(platform),
        Optional.ofNullable(layerLimit),
        files,
        Optional.ofNullable(ready));
  }

  @Override
  ContainerSpecBuilder self() {
    return this;
  }
}
