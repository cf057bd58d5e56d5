package dev.pinnace.internal.engine;

import dev.pinnace.internal.durable.BootId;
import dev.pinnace.internal.state.ContainerRecord;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.LifecycleSpec;
import dev.pinnace.spec.Lifetime;
import dev.pinnace.spec.RestartPolicy;
import dev.pinnace.spi.isolation.ContainerPlace;
import dev.pinnace.spi.isolation.ExitRecord;
import dev.pinnace.spi.isolation.ExitRecord.Cause;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts again, as an engine opens, whom no supervisor could: it was killed, or went down with the
 * machine. One that cannot be set up has ended with that.
 */
final class Revivals {
  private static final Logger LOG = LoggerFactory.getLogger(Revivals.class);

  private final Lifecycle lifecycle;

  Revivals(Lifecycle lifecycle) {
    this.lifecycle = lifecycle;
  }

  /** Starts those of them that nobody else has started meanwhile. */
  void start(List<ContainerId> due) {
    for (ContainerId id : due) {
      try {
        lifecycle.revive(id);
      } catch (RuntimeException e) {
        LOG.warn(
            "container {} is not started again as its policy wants: {}",
            id.shortHex(),
            e.getMessage());
        LOG.debug("the cause", e);
      }
    }
  }

  /**
   * Whether it is to be started of those that do not run. One that ran in this boot, and the lock
   * of whose supervisor is not there, may do so still: somebody has cleaned the run directory. A
   * second one would write to the same files.
   *
   * @param exit is asked only of those that have a policy
   */
  static boolean isDue(
      ContainerRecord record, ContainerPlace place, Supplier<Optional<ExitRecord>> exit) {
    LifecycleSpec life = record.spec().lifecycle();
    if (!record.started()
        || life.lifetime() != Lifetime.DETACHED
        || life.restart().kind() == RestartPolicy.Kind.NO) {
      return false;
    }
    boolean rebooted = record.boot().filter(boot -> !boot.equals(BootId.current())).isPresent();
    return (rebooted || Files.exists(place.lock())) && isDue(life.restart(), exit.get(), rebooted);
  }

  /**
   * Whether the policy wants it to run. Without an exit record it ran until its supervisor or the
   * machine went down, which is a failure. With one its supervisor had done with it, and only a
   * reboot is a reason to begin anew: {@code always} does, as if the machine brought it along.
   */
  static boolean isDue(RestartPolicy policy, Optional<ExitRecord> exit, boolean rebooted) {
    boolean stopped = exit.filter(e -> e.causes().contains(Cause.STOPPED)).isPresent();
    return switch (policy.kind()) {
      case NO -> false;
      case ON_FAILURE -> exit.isEmpty();
      case UNLESS_STOPPED -> exit.isEmpty() || (rebooted && !stopped);
      case ALWAYS -> exit.isEmpty() || rebooted;
    };
  }
}
