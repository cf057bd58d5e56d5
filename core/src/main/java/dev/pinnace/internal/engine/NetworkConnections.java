package dev.pinnace.internal.engine;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.CorruptException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.event.Event.Action;
import dev.pinnace.internal.durable.FaultPoints;
import dev.pinnace.internal.network.NetworkEndpoint;
import dev.pinnace.internal.network.Router;
import dev.pinnace.internal.network.Wiring;
import dev.pinnace.internal.state.ContainerRecord;
import dev.pinnace.internal.waiting.Waits;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.file.LockFile;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.NamespaceSpec;
import dev.pinnace.spec.NetworkAttachment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connects containers that are there with networks, and disconnects them, under their locks. From
 * the first to the last step of either a container has an address in a network that its record does
 * not name; so whoever finds that knows what a killed JVM has left. Thread-safe.
 */
final class NetworkConnections {
  private static final Logger LOG = LoggerFactory.getLogger(NetworkConnections.class);

  private final Parts parts;
  private final LiveContainers live;
  private final ContainerLookup lookup;
  private final ContainerNetworks networks;

  NetworkConnections(
      Parts parts, LiveContainers live, ContainerLookup lookup, ContainerNetworks networks) {
    this.parts = parts;
    this.live = live;
    this.lookup = lookup;
    this.networks = networks;
  }

  /** See {@link dev.pinnace.Network#connect}. */
  void connect(ContainerId id, NetworkAttachment wanted) {
    try (LockFile lock = parts.store().lock(id)) {
      ContainerRecord before = lookup.record(id);
      requireConnectable(before, wanted);
      List<NetworkAttachment> all = new ArrayList<>(before.spec().namespaces().networks());
      all.add(wanted);
      ContainerRecord after = before.connected(all);
      ContainerNetworks.check(parts, after.spec());
      parts.networks().claim(wanted, id);
      boolean runs;
      try {
        FaultPoints.reached("address claimed");
        runs = join(after, wanted);
      } catch (RuntimeException | Error e) {
        boolean moved = !hasWay(before);
        Closing.undo(e, () -> Waits.undisturbed(() -> leave(before, wanted.network(), moved)));
        throw e;
      }
      if (runs) {
        networks.tell(after, wanted.network(), Action.NETWORK_CONNECT);
      }
    }
  }

  private static void requireConnectable(ContainerRecord record, NetworkAttachment wanted) {
    NamespaceSpec namespaces = record.spec().namespaces();
    String what =
        "container " + record.name() + " cannot be connected to network " + wanted.network();
    if (namespaces.networkOf().isPresent()) {
      throw new ConflictException(
          what
              + ": it shares the network of container "
              + namespaces.networkOf().get()
              + "; connect that one");
    }
    if (!record.isNetworked()) {
      boolean host = namespaces.network() == NamespaceSpec.NetworkMode.HOST;
      throw new ConflictException(
          what
              + ": it was made "
              + (host ? "with the host's network" : "with no network")
              + "; make it anew with --network "
              + wanted.network());
    }
    if (wanted.isOnBridge() && !wanted.links().isEmpty()) {
      throw new InvalidSpecException(
          what
              + " with links: on the default bridge these are made with the container, which learns"
              + " of them by its environment; make it anew, or use a network of your own");
    }
    ContainerLinks.refuseSelf(wanted, record.name());
    if (isIn(record, wanted.network())) {
      throw new ConflictException(
          "container "
              + record.name()
              + " is connected to network "
              + wanted.network()
              + " already: disconnect it first for other settings");
    }
  }

  private static boolean isIn(ContainerRecord record, String network) {
    return record.spec().namespaces().networks().stream()
        .anyMatch(attachment -> attachment.network().equals(network));
  }

  private boolean hasAddress(ContainerId id, String network) {
    return parts.networks().isIn(network, id);
  }

  /** Whether the container runs. */
  private boolean join(ContainerRecord after, NetworkAttachment wanted) {
    ContainerId id = after.id();
    try (LivingNetwork living = living(after)) {
      if (living == null) {
        try (LockFile lock = Router.lock(parts.layout().networks())) {
          record(after, Set.of(wanted.network()));
        }
        return false;
      }
      try (Router router = networks.router()) {
        Wiring wiring = networks.wiring(router, any -> true);
        List<NetworkEndpoint> endpoints = ContainerEndpoints.of(parts.networks(), after);
        NetworkEndpoint added = endpoints.get(endpoints.size() - 1);
        boolean moved = NetworkEndpoint.way(endpoints).filter(added::equals).isPresent();
        wiring.add(living.namespace(), id, added);
        FaultPoints.reached("container wired");
        if (moved) {
          wiring.route(living.namespace(), added);
        }
        if (added.leadsOut6()) { // and is the last: it has one already where it has another way
          wiring.route6(living.namespace(), added);
        }
        networks.relay().ensure(router, id, living.container());
        if (moved) {
          networks.relay().retarget(router, id, Optional.of(added));
        }
        record(after, Set.of(wanted.network()));
      }
      return true;
    } catch (ErrnoException refusal) {
      throw failed("connect", "to", after, wanted.network(), refusal);
    }
  }

  /** Needs the router's lock. */
  private void record(ContainerRecord record, Set<String> changed) {
    parts.store().write(record);
    FaultPoints.reached("networks recorded");
    networks.reconnected(record, changed);
  }

  private static PinnaceException failed(
      String what, String to, ContainerRecord record, String network, ErrnoException refusal) {
    return new PinnaceException(
        "cannot "
            + what
            + " container "
            + record.name()
            + " "
            + to
            + " network "
            + network
            + ": "
            + refusal.getMessage(),
        refusal);
  }

  /** See {@link dev.pinnace.Network#disconnect}. */
  void disconnect(ContainerId id, String network, boolean force) {
    try (LockFile lock = parts.store().lock(id)) {
      ContainerRecord before;
      try {
        before = lookup.record(id);
      } catch (CorruptException damaged) {
        if (!force) {
          throw damaged;
        }
        LOG.warn(
            "its address in network {} is taken from a container: {}",
            network,
            damaged.getMessage());
        release(id, network, true);
        return;
      }
      disconnect(before, network, force);
    }
  }

  private void disconnect(ContainerRecord before, String network, boolean force) {
    if (!isIn(before, network) && hasAddress(before.id(), network)) {
      boolean unused = leave(before, network, true, force); // an earlier one has failed half way
      return;
    }
    if (!isIn(before, network)) {
      throw new ConflictException(
          "container " + before.name() + " is not connected to network " + network);
    }
    boolean moved = isWay(before, network);
    ContainerRecord after =
        before.connected(
            before.spec().namespaces().networks().stream()
                .filter(attachment -> !attachment.network().equals(network))
                .toList());
    if (leave(after, network, moved, force)) {
      networks.tell(after, network, Action.NETWORK_DISCONNECT);
    }
  }

  /** Whatever fails, by force the container is not in the network any more. */
  private boolean leave(ContainerRecord after, String network, boolean moved, boolean force) {
    try {
      return leave(after, network, moved);
    } catch (CancelledException interrupted) {
      throw interrupted;
    } catch (PinnaceException failure) {
      if (!force) {
        throw failure;
      }
      LOG.warn("what may be left of the connection stays: {}", failure.getMessage());
      try (LockFile lock = Router.lock(parts.layout().networks())) {
        record(after, Set.of(network));
      }
      release(after.id(), network, moved);
      return true;
    }
  }

  /** Whether its default route and its ports lead somewhere, as far as that is known. */
  private boolean hasWay(ContainerRecord record) {
    try {
      return NetworkEndpoint.way(ContainerEndpoints.of(parts.networks(), record)).isPresent();
    } catch (PinnaceException unknown) {
      LOG.debug("nobody knows where the ports of container {} lead", record.name(), unknown);
      return false;
    }
  }

  /** Whether its default route and its ports lead there; so too where nobody knows. */
  private boolean isWay(ContainerRecord record, String network) {
    try {
      return NetworkEndpoint.way(ContainerEndpoints.of(parts.networks(), record))
          .filter(way -> !way.network().name().equals(network))
          .isEmpty();
    } catch (PinnaceException unknown) {
      LOG.debug("nobody knows where the ports of container {} lead", record.name(), unknown);
      return true;
    }
  }

  /**
   * Whatever there is of a connection goes, the address last.
   *
   * @param record without it
   * @param moved whether the default route and the ports lead elsewhere from now on
   * @return whether the container runs
   */
  private boolean leave(ContainerRecord record, String network, boolean moved) {
    ContainerId id = record.id();
    try (LivingNetwork living = living(record)) {
      if (living == null) {
        try (LockFile lock = Router.lock(parts.layout().networks())) {
          record(record, Set.of(network));
          parts.networks().release(network, id);
        }
        return false;
      }
      try (Router router = networks.router()) {
        Wiring wiring = networks.wiring(router, any -> true);
        Optional<NetworkEndpoint> way =
            NetworkEndpoint.way(ContainerEndpoints.of(parts.networks(), record));
        record(record, Set.of(network));
        wiring.remove(id, network);
        FaultPoints.reached("container unwired");
        if (moved) {
          way.ifPresent(other -> lead(record, () -> wiring.route(living.namespace(), other)));
          networks.relay().retarget(router, id, way);
        }
        NetworkEndpoint.way6(ContainerEndpoints.of(parts.networks(), record))
            .ifPresent(other -> lead(record, () -> wiring.route6(living.namespace(), other)));
        parts.networks().release(network, id);
      }
      return true;
    } catch (ErrnoException refusal) {
      throw failed("disconnect", "from", record, network, refusal);
    }
  }

  /** What a container has made of its interfaces may leave no way for a route: it has none then. */
  private static void lead(ContainerRecord record, Runnable route) {
    try {
      route.run();
    } catch (ErrnoException refusal) {
      LOG.warn(
          "container {} has no default route by the networks that it stays in: {}",
          record.name(),
          refusal.getMessage());
    }
  }

  private @Nullable LivingNetwork living(ContainerRecord record) {
    return record.isNetworked()
        ? LivingNetwork.of(live.find(record.id(), lookup.place(record))).orElse(null)
        : null;
  }

  /**
   * Takes the address, and the interface if the router can be had.
   *
   * @param moved whether the ports may lead there: nobody else is to get what comes by them
   */
  private void release(ContainerId id, String network, boolean moved) {
    try (Router router = networks.router()) {
      networks.wiring(router, any -> true).remove(id, network);
      if (moved) {
        networks.relay().retarget(router, id, Optional.empty());
      }
    } catch (PinnaceException | ErrnoException failure) {
      LOG.warn("the interface of container {} stays: {}", id.shortHex(), failure.getMessage());
    }
    parts.networks().release(network, id);
  }

  /**
   * Ends what a JVM that was killed has begun; needs the container's lock.
   *
   * @param claimed the networks in which the container has an address
   */
  void recover(ContainerRecord record, Set<String> claimed) {
    for (String network : claimed) {
      if (isIn(record, network) || !hasAddress(record.id(), network)) {
        continue; // all is well, or it is by now
      }
      try {
        boolean unused = leave(record, network, true);
        LOG.info("container {} was left half connected to {}", record.name(), network);
      } catch (CancelledException interrupted) {
        throw interrupted;
      } catch (PinnaceException failure) {
        LOG.warn(
            "container {} keeps an address in network {}: {}",
            record.name(),
            network,
            failure.getMessage());
      }
    }
  }
}
