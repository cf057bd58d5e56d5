package dev.pinnace.internal.engine;

import dev.pinnace.error.ConflictException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.internal.network.HostPorts;
import dev.pinnace.internal.network.NetworkEndpoint;
import dev.pinnace.internal.network.Router;
import dev.pinnace.internal.state.ContainerRecord;
import dev.pinnace.internal.state.LedPorts;
import dev.pinnace.internal.state.PublishedPort;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.process.Pidfd;
import dev.pinnace.oci.ExecutionConfig;
import dev.pinnace.spec.ContainerPort;
import dev.pinnace.spec.NamespaceSpec;
import dev.pinnace.spec.NetworkAttachment;
import dev.pinnace.spec.PortBinding;
import dev.pinnace.spec.PortMapping;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The published ports of a container that is being started: sockets that this JVM has bound, until
 * the relay has copies of them.
 */
final class PublishedPorts implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PublishedPorts.class);

  static final PublishedPorts NONE = new PublishedPorts(List.of(), List.of());

  /** One container's; the relay has room for four of these. */
  private static final int MOST = 128;

  private final List<PublishedPort> published;
  private final List<HostPorts.Bound> sockets;

  private PublishedPorts(List<PublishedPort> published, List<HostPorts.Bound> sockets) {
    this.published = published;
    this.sockets = sockets;
  }

  /**
   * Refuses what is never published.
   *
   * @throws InvalidSpecException on a network that is internal
   */
  static void check(Parts parts, NamespaceSpec spec) {
    if (spec.ports().isEmpty() && !spec.publishAll()) {
      return;
    }
    List<String> names = spec.networks().stream().map(NetworkAttachment::network).toList();
    if (names.stream().allMatch(name -> parts.networks().get(name).spec().internal())) {
      throw new InvalidSpecException(
          "network "
              + String.join(", ", names)
              + " is internal, and nothing of it is published: leave out the ports, or use a"
              + " network that is not");
    }
  }

  /**
   * What a container that is made will have: where any port of the host's would do, one that is
   * free now.
   *
   * @throws InvalidSpecException for more than a container may have
   * @throws ConflictException if none is free
   */
  static List<PublishedPort> chosen(NamespaceSpec spec, ExecutionConfig image) {
    List<PortMapping> wanted = new ArrayList<>(spec.ports());
    if (spec.publishAll()) {
      Set<ContainerPort> exposed = new TreeSet<>(spec.exposed());
      image.exposedPorts().forEach(text -> exposed.addAll(ContainerPort.parse(text)));
      Set<ContainerPort> there =
          wanted.stream().map(PortMapping::container).collect(Collectors.toUnmodifiableSet());
      exposed.stream()
          .filter(port -> !there.contains(port))
          .forEach(port -> wanted.add(PortMapping.of(port)));
    }
    if (wanted.size() > MOST) {
      throw new InvalidSpecException(
          "a container has at most " + MOST + " published ports, and not " + wanted.size());
    }
    // All are held until the last is chosen, so that none is chosen twice.
    try (PublishedPorts held = new PublishedPorts(List.of(), new ArrayList<>())) {
      List<PortBinding> fixed = fixed(wanted);
      return wanted.stream().map(mapping -> chosen(mapping, fixed, held.sockets)).toList();
    }
  }

  private static PublishedPort chosen(
      PortMapping wanted, List<PortBinding> fixed, List<HostPorts.Bound> held) {
    if (HostPorts.isFixed(wanted)) {
      return new PublishedPort(wanted, HostPorts.bindings(wanted, wanted.hostPort()));
    }
    try {
      List<HostPorts.Bound> bound = HostPorts.openAny(wanted, fixed);
      held.addAll(bound);
      return published(wanted, bound);
    } catch (ErrnoException refusal) {
      throw refused("port " + wanted + " cannot be published: ", refusal);
    }
  }

  private static PublishedPort published(PortMapping wanted, List<HostPorts.Bound> bound) {
    return new PublishedPort(wanted, bound.stream().map(HostPorts.Bound::binding).toList());
  }

  /** What those want that can have nothing else. */
  private static List<PortBinding> fixed(List<PortMapping> wanted) {
    return wanted.stream()
        .filter(HostPorts::isFixed)
        .flatMap(mapping -> HostPorts.bindings(mapping, mapping.hostPort()).stream())
        .toList();
  }

  /**
   * Binds the ports of a container that is about to start; one that no other container has is
   * waited for, as it may be this one's still.
   *
   * @param owner which container of this root has a port
   * @throws ConflictException if somebody has one
   */
  static PublishedPorts open(
      ContainerRecord record, Function<PortBinding, Optional<String>> owner) {
    List<PublishedPort> published = new ArrayList<>(record.ports());
    PublishedPorts ports = new PublishedPorts(published, new ArrayList<>());
    PortPatience patience = new PortPatience();
    List<PortBinding> others =
        new ArrayList<>(fixed(published.stream().map(PublishedPort::wanted).toList()));
    try {
      for (int i : fixedFirst(record.ports())) {
        PublishedPort port = published.get(i);
        List<HostPorts.Bound> bound = bind(record, port, others, owner, patience);
        ports.sockets.addAll(bound);
        published.set(i, published(port.wanted(), bound));
        others.addAll(published.get(i).bindings());
      }
      return ports;
    } catch (RuntimeException | Error e) {
      ports.close();
      throw e;
    }
  }

  private static List<Integer> fixedFirst(List<PublishedPort> ports) {
    return IntStream.range(0, ports.size())
        .boxed()
        .sorted(Comparator.comparing(i -> !HostPorts.isFixed(ports.get(i).wanted())))
        .toList();
  }

  private static List<HostPorts.Bound> bind(
      ContainerRecord record,
      PublishedPort port,
      List<PortBinding> others,
      Function<PortBinding, Optional<String>> owner,
      PortPatience patience) {
    try {
      return bind(port, others, patience, () -> owner(port, owner).isPresent());
    } catch (ErrnoException refusal) {
      String what =
          "port " + port.wanted() + " of container " + record.name() + " cannot be published: ";
      if (refusal.is(Errno.EADDRINUSE)) {
        Optional<String> name = owner(port, owner);
        if (name.isPresent()) {
          throw new ConflictException(
              what + "container " + name.get() + " has it: stop that one, or take another port",
              refusal);
        }
      }
      throw refused(what, refusal);
    }
  }

  /** Where it was before, and only then, if others would do, at another one. */
  private static List<HostPorts.Bound> bind(
      PublishedPort port,
      List<PortBinding> others,
      PortPatience patience,
      BooleanSupplier lasting) {
    PortMapping wanted = port.wanted();
    if (HostPorts.isFixed(wanted)) {
      return patience.bind(() -> HostPorts.open(wanted, wanted.hostPort()), lasting);
    }
    if (!port.bindings().isEmpty() && !HostPorts.collide(port.bindings(), others)) {
      int before = port.bindings().get(0).hostPort();
      try {
        return patience.bind(() -> HostPorts.open(wanted, before), lasting);
      } catch (ErrnoException refusal) {
        if (!refusal.is(Errno.EADDRINUSE)) {
          throw refusal;
        }
      }
    }
    return HostPorts.openAny(wanted, others);
  }

  private static Optional<String> owner(
      PublishedPort port, Function<PortBinding, Optional<String>> owner) {
    return port.bindings().stream().map(owner).flatMap(Optional::stream).findFirst();
  }

  private static PinnaceException refused(String what, ErrnoException refusal) {
    String reason = what + refusal.getMessage();
    if (refusal.is(Errno.EADDRINUSE)) {
      return new ConflictException(
          reason + ": somebody else on this host has it; take another port", refusal);
    }
    if (refusal.is(Errno.EADDRNOTAVAIL)) {
      return new InvalidSpecException(reason + ": name an address of this host", refusal);
    }
    return new PinnaceException(reason, refusal);
  }

  /**
   * Binds what a container has that runs, as the relay that had it is gone. What somebody has taken
   * meanwhile it is without.
   *
   * @param patience one for all containers of which the relay had ports
   */
  static PublishedPorts again(ContainerRecord record, PortPatience patience) {
    List<HostPorts.Bound> sockets = new ArrayList<>();
    PublishedPorts ports = new PublishedPorts(record.ports(), sockets);
    for (PortBinding binding : bindings(record)) {
      try {
        sockets.add(patience.bind(() -> HostPorts.reopen(binding), () -> false));
      } catch (ErrnoException refusal) {
        LOG.warn(
            "container {} is without its port {} until it is started again: {}",
            record.name(),
            binding,
            refusal.getMessage());
      } catch (RuntimeException | Error e) {
        ports.close();
        throw e;
      }
    }
    return ports;
  }

  /** The host's ports that lead to a container while it runs. */
  static List<PortBinding> bindings(ContainerRecord record) {
    return record.ports().stream().flatMap(port -> port.bindings().stream()).toList();
  }

  /** Whether a container has a port, as far as the host's addresses are the same. */
  static boolean has(ContainerRecord record, PortBinding wanted) {
    return bindings(record).stream().anyMatch(binding -> HostPorts.collide(binding, wanted));
  }

  /** Where they are bound now. */
  List<PublishedPort> published() {
    return published;
  }

  /** Whether there is none that the relay would have. */
  boolean isEmpty() {
    return sockets.isEmpty();
  }

  /**
   * Hands them to the relay, for as long as that process lives.
   *
   * @param way where they lead; empty: whoever comes is reset until there is one
   */
  LedPorts lead(Router router, Optional<NetworkEndpoint> way, Pidfd process) {
    List<LedPorts.Led> led = new ArrayList<>();
    for (HostPorts.Bound socket : sockets) {
      int port = socket.binding().container().number();
      try {
        Optional<InetSocketAddress> target = target(way, port);
        led.add(new LedPorts.Led(router.publish(socket, target, process), port));
      } catch (ErrnoException refusal) {
        if (!refusal.is(Errno.EAGAIN)) {
          throw refusal;
        }
        throw new PinnaceException(
            "port "
                + socket.binding()
                + " cannot be published: the relay of this root has as many ports as it may have,"
                + " 508",
            refusal);
      }
    }
    return new LedPorts(led);
  }

  /** Where a port of a container leads. */
  static Optional<InetSocketAddress> target(Optional<NetworkEndpoint> way, int port) {
    return way.map(endpoint -> new InetSocketAddress(endpoint.inet(), port));
  }

  @Override
  public void close() {
    sockets.forEach(HostPorts.Bound::close);
  }
}
