package dev.pinnace.internal.engine;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.CorruptException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.internal.network.NetworkRecord;
import dev.pinnace.internal.network.Router;
import dev.pinnace.internal.network.Wiring;
import dev.pinnace.internal.state.ContainerRecord;
import dev.pinnace.internal.state.PublishedPort;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.file.Inode;
import dev.pinnace.linux.file.LockFile;
import dev.pinnace.linux.net.NetworkNamespace;
import dev.pinnace.linux.process.Pidfd;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.ContainerSpec;
import dev.pinnace.spec.NetworkAttachment;
import dev.pinnace.spec.PortBinding;
import dev.pinnace.spi.isolation.RunningContainer;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Predicate;
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
  private final PeerNames names;
  private final NetworkPeers peers;
  private final NameService service;

  ContainerNetworks(Parts parts, LiveContainers live, ContainerLookup lookup) {
    this.parts = parts;
    this.live = live;
    this.lookup = lookup;
    this.names = new PeerNames(parts);
    this.peers = new NetworkPeers(parts, lookup);
    this.service = new NameService(parts.layout().run(), parts.layout().key(), peers);
  }

  /**
   * Refuses what cannot be done here, before anything is made.
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
    PublishedPorts.check(parts, spec.namespaces());
  }

  /** A container's network namespace while it is started; the supervisor's from then on. */
  static final class Attached implements AutoCloseable {
    private static final Attached NONE = new Attached(null, null, PublishedPorts.NONE, 0);

    private final @Nullable Fd namespace;
    private final @Nullable Router router;
    private final PublishedPorts ports;
    private final long address;

    private Attached(
        @Nullable Fd namespace, @Nullable Router router, PublishedPorts ports, long address) {
      this.namespace = namespace;
      this.router = router;
      this.ports = ports;
      this.address = address;
    }

    /** The host's ports that will lead to it. */
    List<PublishedPort> ports() {
      return ports.published();
    }

    /** To be joined; empty where none was made. */
    Optional<Path> namespace() {
      return Optional.ofNullable(namespace).map(open -> Path.of(open.procPath()));
    }

    /** Router and ports live as long as this container, whoever has started it. */
    void heldBy(RunningContainer container) {
      if (router == null) {
        return;
      }
      try {
        hold(router, container, ports, address);
      } catch (ErrnoException refusal) {
        throw new PinnaceException(
            "container "
                + container.place().id()
                + " is ended, as its network would not last: "
                + refusal.getMessage(),
            refusal);
      }
    }

    @Override
    public void close() {
      if (router != null) {
        router.close();
      }
      if (namespace != null) {
        namespace.close();
      }
      ports.close();
    }
  }

  /** One that has ended meanwhile needs none. */
  private static void hold(
      Router router, RunningContainer container, PublishedPorts ports, long address) {
    try {
      OptionalInt keeper = container.keeper();
      if (keeper.isEmpty()) {
        return;
      }
      try (Pidfd process = Pidfd.open(keeper.getAsInt())) {
        // Whoever has that number now had it before the supervisor was asked again.
        if (keeper.equals(container.keeper())) {
          router.hold(process);
          ports.lead(router, address, process);
        }
      }
    } catch (ConflictException ended) {
      LOG.debug("container {} ended before it could hold its network", container.place().id());
    } catch (ErrnoException refusal) {
      if (!refusal.is(Errno.ESRCH)) {
        throw refusal;
      }
      LOG.debug("container {} ended before it could hold its network", container.place().id());
    }
  }

  /**
   * Makes the network namespace of a container that is about to start, and tells the others in its
   * networks its name.
   */
  Attached attach(ContainerRecord record) {
    if (record.spec().namespaces().networks().isEmpty()) {
      return Attached.NONE;
    }
    NetworkAttachment attachment = record.spec().namespaces().networks().get(0);
    NetworkRecord network = parts.networks().get(attachment.network());
    PublishedPorts ports = PublishedPorts.open(record, this::owner);
    try {
      return attach(record, attachment, network, ports);
    } catch (RuntimeException | Error e) {
      ports.close();
      throw e;
    }
  }

  private Attached attach(
      ContainerRecord record,
      NetworkAttachment attachment,
      NetworkRecord network,
      PublishedPorts ports) {
    Fd namespace = NetworkNamespace.create();
    try {
      Router router = router();
      try {
        Wiring wiring = new Wiring(router);
        parts.networks().whole().ifPresent(wiring::sweep);
        long address = address(network, record.id());
        wiring.connect(namespace, network, address, mac(attachment, address));
        if (router.made()) {
          mend(router, wiring, id -> !id.equals(record.id()));
        }
        names.tell(network.name(), record);
        peers.changed();
        service.routerIsOpen();
        router.unlock();
        return new Attached(namespace, router, ports, address);
      } catch (RuntimeException | Error e) {
        router.close();
        throw e;
      }
    } catch (ErrnoException refusal) {
      namespace.close();
      throw new PinnaceException(
          "cannot connect container "
              + record.name()
              + " to network "
              + network.name()
              + ": "
              + refusal.getMessage(),
          refusal);
    } catch (RuntimeException | Error e) {
      namespace.close();
      throw e;
    }
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

  private Router router() {
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

  /** Answers no more names. */
  void endAnswers() {
    service.close();
  }

  private boolean anyRuns() {
    return parts.store().ids().stream()
        .flatMap(id -> EngineNetworks.readable(parts, id).stream())
        .filter(record -> !record.spec().namespaces().networks().isEmpty())
        .anyMatch(record -> parts.isolation().isAlive(lookup.place(record)));
  }

  private static String mac(NetworkAttachment attachment, long address) {
    return attachment.mac().orElseGet(() -> Wiring.mac(address));
  }

  private long address(NetworkRecord network, ContainerId id) {
    return parts.networks().endpoints(network.name()).entrySet().stream()
        .filter(endpoint -> endpoint.getValue().equals(id))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElseThrow(
            () ->
                new ConflictException(
                    "container "
                        + id.shortHex()
                        + " has no address in network "
                        + network.name()
                        + ", which was made anew since: make the container anew"));
  }

  /**
   * Whoever ran in a router whose relay was killed is connected to the new one, also one that waits
   * for its restart.
   */
  private void mend(Router router, Wiring wiring, Predicate<ContainerId> meant) {
    PortPatience patience = new PortPatience();
    for (ContainerId id : parts.store().ids()) {
      if (!meant.test(id)) {
        continue;
      }
      try {
        Optional<ContainerRecord> record = parts.store().read(id);
        if (record.isPresent() && !record.get().spec().namespaces().networks().isEmpty()) {
          mend(router, wiring, record.get(), patience);
        }
      } catch (CorruptException | UncheckedIOException damaged) {
        LOG.debug("nobody knows which networks container {} is in", id.shortHex(), damaged);
      }
    }
  }

  private void mend(Router router, Wiring wiring, ContainerRecord record, PortPatience patience) {
    try {
      Optional<RunningContainer> running = live.find(record.id(), lookup.place(record));
      Optional<Path> there = running.flatMap(RunningContainer::network);
      if (there.isEmpty()) {
        return;
      }
      NetworkAttachment attachment = record.spec().namespaces().networks().get(0);
      try (PublishedPorts ports = PublishedPorts.again(record, patience);
          Fd namespace = Inode.openForReading(there.get())) {
        // A supervisor that answers now has had its number throughout.
        if (there.equals(running.get().network())) {
          NetworkRecord network = parts.networks().get(attachment.network());
          long address = address(network, record.id());
          wiring.reconnect(namespace, network, address, mac(attachment, address));
          hold(router, running.get(), ports, address);
          LOG.warn(
              "container {} is connected again: the relay of its network was killed",
              record.name());
        }
      }
    } catch (ErrnoException | PinnaceException failure) {
      LOG.warn(
          "container {} is without network until it is started again: {}",
          record.name(),
          failure.getMessage());
      LOG.debug("the cause", failure);
    }
  }

  /** A container has another name. */
  void renamed(ContainerId id) {
    List<NetworkAttachment> networks = lookup.record(id).spec().namespaces().networks();
    if (networks.isEmpty()) {
      return;
    }
    try (LockFile lock = Router.lock(parts.layout().networks())) {
      ContainerRecord record = lookup.record(id);
      networks.forEach(attachment -> names.tell(attachment.network(), record));
      peers.changed();
    }
  }
}
