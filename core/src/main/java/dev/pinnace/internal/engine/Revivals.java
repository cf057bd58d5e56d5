package dev.pinnace.internal.engine;

import dev.pinnace.internal.durable.BootId;
import dev.pinnace.internal.state.ContainerRecord;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.Lifetime;
import dev.pinnace.spec.RestartPolicy;
import dev.pinnace.spi.isolation.ContainerPlace;
import dev.pinnace.spi.isolation.ExitRecord;
import dev.pinnace.spi.isolation.ExitRecord.Cause;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
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
   * The same for a container that does not run, in this boot. Where nobody has told its end, and
   * the lock of its supervisor is not there either, it may run: another run directory was named, or
   * somebody has cleaned this one. A second one would write to the same files.
   */
  static boolean isDue(ContainerRecord record, ContainerPlace place, Optional<ExitRecord> exit) {
    boolean rebooted = record.boot().filter(boot -> !boot.equals(BootId.current())).isPresent();
    return record.started()
        && record.spec().lifecycle().lifetime() == Lifetime.DETACHED
        && (rebooted || exit.isPresent() || Files.exists(place.lock()))
        && isDue(record.spec().lifecycle().restart(), exit, rebooted);
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
