package dev.pinnace.spec;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Everything there is to know about a container now.
 *
 * @param id its identity
 * @param name its name
 * @param imageId digest of its image's configuration
 * @param spec as it was asked for, with the labels of its image too
 * @param mounts all that is mounted in it: as asked for, what it has of other containers, and the
 *     volumes that its image wants; each volume with its name and place on the host
 * @param ports of the host's that lead to it while it runs, in the order in which they were asked
 *     for. Where any port would do, one was chosen when the container was made; if somebody has
 *     taken it by the next start, it is another one from then on
 * @param created when
 * @param status what it is doing
 * @param pid of its first process, as this JVM sees it
 * @param started when its present or last run began
 * @param restarts so far
 * @param exit how it ended, if it has; of one that was started again by its policy, how the run
 *     before ended
 * @param health what its checks have come to, of its present or last run; {@link Health#checked}
 *     tells how old that is. Empty without a check, before its first start, and for one that ended
 *     before it was checked
 */
public record ContainerState(
    ContainerId id,
    String name,
    Digest imageId,
    ContainerSpec spec,
    List<Mount> mounts,
    List<PortBinding> ports,
    Instant created,
    ContainerStatus status,
    OptionalInt pid,
    Optional<Instant> started,
    int restarts,
    Optional<ExitStatus> exit,
    Optional<Health> health) {
  public ContainerState {
    mounts = List.copyOf(mounts);
    ports = List.copyOf(ports);
  }
}
