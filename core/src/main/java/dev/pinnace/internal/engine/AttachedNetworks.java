package dev.pinnace.internal.engine;

import dev.pinnace.error.PinnaceException;
import dev.pinnace.internal.network.NetworkEndpoint;
import dev.pinnace.internal.network.Router;
import dev.pinnace.internal.state.ContainerRecord;
import dev.pinnace.internal.state.PublishedPort;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spi.isolation.RunningContainer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A container's network namespace while it is started; the supervisor's from then on. */
final class AttachedNetworks implements AutoCloseable {
  private final RelayHolds relay;
  private final ContainerId id;
  private final @Nullable Fd namespace;
  private final @Nullable Router router;
  private final PublishedPorts ports;
  private final Optional<NetworkEndpoint> way;

  private AttachedNetworks(
      RelayHolds relay,
      ContainerId id,
      @Nullable Fd namespace,
      @Nullable Router router,
      PublishedPorts ports,
      Optional<NetworkEndpoint> way) {
    this.relay = relay;
    this.id = id;
    this.namespace = namespace;
    this.router = router;
    this.ports = ports;
    this.way = way;
  }

  /** Of a container that is made without networks. */
  static AttachedNetworks none(RelayHolds relay, ContainerRecord record) {
    return new AttachedNetworks(
        relay, record.id(), null, null, PublishedPorts.NONE, Optional.empty());
  }

  /** Of one that is in none at present. */
  static AttachedNetworks unconnected(RelayHolds relay, ContainerRecord record, Fd namespace) {
    return new AttachedNetworks(
        relay, record.id(), namespace, null, PublishedPorts.NONE, Optional.empty());
  }

  static AttachedNetworks connected(
      RelayHolds relay,
      ContainerRecord record,
      Fd namespace,
      Router router,
      PublishedPorts ports,
      Optional<NetworkEndpoint> way) {
    return new AttachedNetworks(relay, record.id(), namespace, router, ports, way);
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
    try {
      if (router != null) {
        relay.begin(router, id, container, ports, way);
      } else if (namespace != null) {
        relay.beginWithout(id);
      }
    } catch (ErrnoException refusal) {
      throw new PinnaceException(
          "container "
              + id.hex()
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
