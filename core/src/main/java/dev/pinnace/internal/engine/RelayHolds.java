package dev.pinnace.internal.engine;

import dev.pinnace.error.ConflictException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.internal.network.NetworkEndpoint;
import dev.pinnace.internal.network.Router;
import dev.pinnace.internal.state.ContainerStore;
import dev.pinnace.internal.state.LedPorts;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.process.Pidfd;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spi.isolation.RunningContainer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the relay has of containers that run: their supervisors hold it, and it leads ports to them.
 * Thread-safe; each call needs the container's lock, or the router's.
 */
final class RelayHolds {
  private static final Logger LOG = LoggerFactory.getLogger(RelayHolds.class);

  private final ContainerStore store;

  RelayHolds(ContainerStore store) {
    this.store = store;
  }

  /**
   * Has the relay hold a container that has begun, or whose relay is a new one, and lead its ports.
   *
   * @param way where they lead
   */
  void begin(
      Router router,
      ContainerId id,
      RunningContainer container,
      PublishedPorts ports,
      Optional<NetworkEndpoint> way) {
    store.forgetLedPorts(id);
    hold(router, id, container, process -> ports.lead(router, way, process));
  }

  /** Of one that has begun without: a former run may have had something. */
  void beginWithout(ContainerId id) {
    store.forgetLedPorts(id);
  }

  /** Has the relay hold a container, unless it does. */
  void ensure(Router router, ContainerId id, RunningContainer container) {
    if (store.ledPorts(id).isEmpty()) {
      hold(router, id, container, process -> new LedPorts(List.of()));
    }
  }

  /** One that has ended meanwhile needs none. */
  private void hold(
      Router router,
      ContainerId id,
      RunningContainer container,
      Function<Pidfd, LedPorts> publishing) {
    try {
      OptionalInt keeper = container.keeper();
      if (keeper.isEmpty()) {
        return;
      }
      try (Pidfd process = Pidfd.open(keeper.getAsInt())) {
        // Whoever has that number now had it before the supervisor was asked again.
        if (keeper.equals(container.keeper())) {
          router.hold(process);
          store.writeLedPorts(id, publishing.apply(process));
        }
      }
    } catch (ConflictException ended) {
      if (!container.exit().isDone()) {
        throw ended; // it cannot be reached, which is another matter
      }
      LOG.debug("container {} ended before it could hold its network", id.shortHex());
    } catch (ErrnoException refusal) {
      if (!refusal.is(Errno.ESRCH)) {
        throw refusal;
      }
      LOG.debug("container {} ended before it could hold its network", id.shortHex());
    }
  }

  /**
   * Leads the ports of a container elsewhere from now on; what goes the former way is reset.
   *
   * @param way empty: whoever comes is reset
   */
  void retarget(Router router, ContainerId id, Optional<NetworkEndpoint> way) {
    for (LedPorts.Led port : store.ledPorts(id).map(LedPorts::ports).orElse(List.of())) {
      try {
        router.retarget(port.publication(), PublishedPorts.target(way, port.target()));
      } catch (ErrnoException refusal) {
        if (!refusal.is(Errno.ESRCH)) {
          throw new PinnaceException(
              "port "
                  + port.target()
                  + " of container "
                  + id.shortHex()
                  + " cannot be led elsewhere: "
                  + refusal.getMessage(),
              refusal);
        }
        LOG.debug("container {} ended before its ports were led elsewhere", id.shortHex());
      }
    }
  }
}
