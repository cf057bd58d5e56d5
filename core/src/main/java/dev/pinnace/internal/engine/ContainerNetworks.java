package dev.pinnace.internal.engine;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.CorruptException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.event.Event.Action;
import dev.pinnace.internal.network.NetworkEndpoint;
import dev.pinnace.internal.network.NetworkRecord;
import dev.pinnace.internal.network.Router;
import dev.pinnace.internal.network.Wiring;
import dev.pinnace.internal.state.ContainerRecord;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.file.LockFile;
import dev.pinnace.linux.net.NetworkNamespace;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.ContainerSpec;
import dev.pinnace.spec.NetworkAttachment;
import dev.pinnace.spec.PortBinding;
import dev.pinnace.spi.isolation.RunningContainer;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Containers in networks: each start makes a network namespace, complete with its interface, before
 * there is a process in it. Thread-safe.
 */
final class ContainerNetworks {
  private static final Logger LOG = LoggerFactory.getLogger(ContainerNetworks.class);

  private final Parts parts;
  private final LiveContainers live;
  private final ContainerLookup lookup;
  private final Events events;
  private final PeerNames names;
  private final NetworkPeers peers;
  private final NameService service;
  private final RelayHolds relay;

  ContainerNetworks(Parts parts, LiveContainers live, ContainerLookup lookup, Events events) {
    this.parts = parts;
    this.live = live;
    this.lookup = lookup;
    this.events = events;
    this.names = new PeerNames(parts);
    this.peers = new NetworkPeers(parts, lookup);
    this.service = new NameService(parts.layout().run(), parts.layout().key(), peers);
    this.relay = new RelayHolds(parts.store());
  }

  /**
   * Refuses what cannot be done here, before anything is made but the default bridge, if that is
   * meant.
   *
   * @throws UnsupportedException if the container cannot be in the networks that it is to be in
   */
  static void check(Parts parts, ContainerSpec spec) {
    if (spec.namespaces().networks().isEmpty()) {
      return;
    }
    if (!parts.ids()) {
      throw new UnsupportedException(
          "a container in a network",
          "an ordinary user's JVM cannot enter the network's namespace",
          "run the JVM as root, or the container with NetworkMode.NONE or HOST");
    }
    if (spec.namespaces().userMap().isPresent()) {
      throw new UnsupportedException(
          "a container with a user map in a network",
          "its network namespace would have to belong to a user namespace that is made with it",
          "leave out the user map or the network");
    }
    if (spec.namespaces().networks().stream().anyMatch(NetworkAttachment::isOnBridge)) {
      EngineNetworks.ensureBridge(parts);
    }
    PublishedPorts.check(parts, spec.namespaces());
  }

  /**
   * Makes the network namespace of a container that is about to start, and tells the others in its
   * networks its name.
   */
  AttachedNetworks attach(ContainerRecord record) {
    if (!record.isNetworked()) {
      return AttachedNetworks.none(relay, record);
    }
    PublishedPorts ports = PublishedPorts.open(record, this::owner);
    Fd namespace = null;
    try {
      namespace = NetworkNamespace.create();
      Wiring.settle(namespace);
      return attach(record, namespace, ports);
    } catch (ErrnoException refusal) {
      close(namespace, ports);
      throw new PinnaceException(
          "cannot connect container "
              + record.name()
              + " to "
              + words(record)
              + ": "
              + refusal.getMessage(),
          refusal);
    } catch (RuntimeException | Error e) {
      close(namespace, ports);
      throw e;
    }
  }

  private static void close(@Nullable Fd namespace, PublishedPorts ports) {
    ports.close();
    if (namespace != null) {
      namespace.close();
    }
  }

  private static String words(ContainerRecord record) {
    return record.spec().namespaces().networks().stream()
        .map(NetworkAttachment::network)
        .collect(Collectors.joining(", ", "network ", ""));
  }

  private AttachedNetworks attach(ContainerRecord record, Fd namespace, PublishedPorts ports) {
    List<NetworkEndpoint> endpoints = ContainerEndpoints.of(parts.networks(), record);
    if (endpoints.isEmpty() && ports.isEmpty()) {
      Wiring.loopback(namespace);
      return AttachedNetworks.unconnected(relay, record, namespace);
    }
    Router router = router();
    try {
      Wiring wiring = wiring(router, id -> !id.equals(record.id()));
      wiring.connect(namespace, record.id(), endpoints);
      told(record);
      router.unlock();
      return AttachedNetworks.connected(
          relay, record, namespace, router, ports, NetworkEndpoint.way(endpoints));
    } catch (RuntimeException | Error e) {
      router.close();
      throw e;
    }
  }

  /**
   * Of a router that has just been opened: whoever ran in one before it is connected.
   *
   * @param meant who is
   */
  Wiring wiring(Router router, Predicate<ContainerId> meant) {
    Wiring wiring = new Wiring(router);
    parts.networks().whole().ifPresent(wiring::sweep);
    if (router.made()) {
      mend(router, wiring, meant);
    }
    service.routerIsOpen();
    return wiring;
  }

  /** Which container of this root that runs has a port of the host's. */
  private Optional<String> owner(PortBinding wanted) {
    for (ContainerId id : parts.store().ids()) {
      try {
        Optional<ContainerRecord> owner =
            parts
                .store()
                .read(id)
                .filter(record -> PublishedPorts.has(record, wanted))
                .filter(record -> parts.isolation().isAlive(lookup.place(record)));
        if (owner.isPresent()) {
          return owner.map(ContainerRecord::name);
        }
      } catch (CorruptException | UncheckedIOException damaged) {
        LOG.debug("nobody knows which ports container {} has", id.shortHex(), damaged);
      }
    }
    return Optional.empty();
  }

  Router router() {
    return Router.open(parts.layout().networks(), parts.layout().run());
  }

  /**
   * Removes what a relay has left that was killed, or has ended; whoever still runs in its networks
   * is connected again.
   */
  void tidy() {
    try {
      Path networks = parts.layout().networks();
      if (Router.tidy(networks, parts.layout().run()) && anyRuns()) {
        try (Router router = router()) {
          if (router.made()) {
            mend(router, new Wiring(router), id -> true);
          }
          service.routerIsOpen();
        }
      }
    } catch (CancelledException interrupted) {
      throw interrupted;
    } catch (PinnaceException busy) {
      LOG.warn("what may be left of networks' router stays: {}", busy.getMessage());
    }
  }

  /** Has names answered, when nobody else does, in the router that may be there. */
  void answerNames() {
    service.routerMayBeThere();
  }

  /** The same at once: a program of that container is about to ask. */
  void answerNames(ContainerRecord record) {
    if (record.isNetworked() && Router.isLeft(parts.layout().run())) {
      service.routerIsOpen();
    }
  }

  /** Answers no more names. */
  void endAnswers() {
    service.close();
  }

  private boolean anyRuns() {
    return parts.store().ids().stream()
        .flatMap(id -> EngineNetworks.readable(parts, id).stream())
        .filter(ContainerRecord::isNetworked)
        .anyMatch(record -> parts.isolation().isAlive(lookup.place(record)));
  }

  /**
   * Whoever ran in a router whose relay was killed is connected to the new one, also one that waits
   * for its restart.
   */
  private void mend(Router router, Wiring wiring, Predicate<ContainerId> meant) {
    PortPatience patience = new PortPatience();
    // The new relay gives its publications the numbers that those of the old one had.
    parts.store().ids().forEach(relay::beginWithout);
    for (ContainerId id : parts.store().ids()) {
      if (!meant.test(id)) {
        continue;
      }
      try {
        Optional<ContainerRecord> record = parts.store().read(id);
        if (record.isPresent() && record.get().isNetworked()) {
          mend(router, wiring, record.get(), patience);
        }
      } catch (CorruptException | UncheckedIOException damaged) {
        LOG.debug("nobody knows which networks container {} is in", id.shortHex(), damaged);
      }
    }
  }

  private void mend(Router router, Wiring wiring, ContainerRecord record, PortPatience patience) {
    try {
      List<NetworkEndpoint> endpoints = ContainerEndpoints.of(parts.networks(), record);
      try (LivingNetwork living =
          LivingNetwork.of(live.find(record.id(), lookup.place(record))).orElse(null)) {
        if (living == null) {
          return;
        }
        if (endpoints.isEmpty() && record.ports().isEmpty()) {
          relay.beginWithout(record.id());
          return;
        }
        mend(router, wiring, record, endpoints, living, patience);
      }
    } catch (CancelledException interrupted) {
      throw interrupted;
    } catch (RuntimeException failure) { // by whatever it may have done to its interfaces
      LOG.warn(
          "container {} is without network until it is started again: {}",
          record.name(),
          failure.getMessage());
      LOG.debug("the cause", failure);
    }
  }

  private void mend(
      Router router,
      Wiring wiring,
      ContainerRecord record,
      List<NetworkEndpoint> endpoints,
      LivingNetwork living,
      PortPatience patience) {
    try (PublishedPorts ports = PublishedPorts.again(record, patience)) {
      wiring.reconnect(living.namespace(), record.id(), endpoints);
      Optional<NetworkEndpoint> way = NetworkEndpoint.way(endpoints);
      relay.begin(router, record.id(), living.container(), ports, way);
      LOG.warn(
          "container {} is connected again: the relay of its network was killed", record.name());
    }
  }

  private void told(ContainerRecord record) {
    names.tell(record);
    peers.changed();
  }

  /** A container that may run is in other networks; needs the router's lock. */
  void reconnected(ContainerRecord record, Set<String> changed) {
    names.tell(record, changed);
    names.askElsewhere(record);
    peers.changed();
  }

  RelayHolds relay() {
    return relay;
  }

  /**
   * Once a container runs: tells that it is connected to its networks, and at its end, if this
   * engine is open still, that it is not any more.
   */
  void started(ContainerRecord record, RunningContainer container) {
    if (!record.isNetworked()) {
      return;
    }
    tell(record, Action.NETWORK_CONNECT);
    var unused =
        container
            .gone()
            .thenRunAsync(
                () ->
                    tell(
                        EngineNetworks.readable(parts, record.id()).orElse(record),
                        Action.NETWORK_DISCONNECT),
                parts.work());
  }

  private void tell(ContainerRecord record, Action action) {
    record
        .spec()
        .namespaces()
        .networks()
        .forEach(attachment -> tell(record, attachment.network(), action));
  }

  /** Tells that a container that runs is connected to a network, or is not any more. */
  void tell(ContainerRecord record, String network, Action action) {
    String id;
    try {
      id = parts.networks().find(network).map(NetworkRecord::id).orElse(network);
    } catch (PinnaceException unreadable) {
      LOG.debug("nobody knows the id of network {}", network, unreadable);
      id = network;
    }
    events.tellNetworkUse(action, id, network, record);
  }

  /** A container has another name. */
  void renamed(ContainerId id) {
    if (lookup.record(id).spec().namespaces().networks().isEmpty()) {
      return;
    }
    try (LockFile lock = Router.lock(parts.layout().networks())) {
      told(lookup.record(id));
    }
  }
}
