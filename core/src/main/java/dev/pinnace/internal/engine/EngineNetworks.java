package dev.pinnace.internal.engine;

import dev.pinnace.Network;
import dev.pinnace.Networks;
import dev.pinnace.error.CancelledException;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.CorruptException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.event.Event.Action;
import dev.pinnace.internal.network.HostRoutes;
import dev.pinnace.internal.network.NetworkRecord;
import dev.pinnace.internal.network.NetworkStore;
import dev.pinnace.internal.network.Wiring;
import dev.pinnace.internal.state.ContainerRecord;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.NetworkAttachment;
import dev.pinnace.spec.NetworkFilter;
import dev.pinnace.spec.NetworkSpec;
import dev.pinnace.spec.NetworkState;
import dev.pinnace.spec.Subnet;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Networks of an engine. */
final class EngineNetworks implements Networks {
  private static final Logger LOG = LoggerFactory.getLogger(EngineNetworks.class);

  private final Services services;

  EngineNetworks(Services services) {
    this.services = services;
  }

  private NetworkStore store() {
    return services.parts().networks();
  }

  @Override
  public Network create(NetworkSpec spec) {
    Objects.requireNonNull(spec, "spec");
    spec.requireCustom();
    return services
        .calls()
        .of(
            () -> {
              requireSixth(spec);
              NetworkRecord made =
                  store().make(spec, Names.id().hex(), HostRoutes::list, HostRoutes::list6);
              services
                  .events()
                  .tellNetwork(Action.NETWORK_CREATE, made.id(), made.name(), spec.labels());
              return new EngineNetwork(services, made.name());
            });
  }

  private static void requireSixth(NetworkSpec spec) {
    if (spec.ipv6().isPresent() && !HostRoutes.hasSixth()) {
      throw new UnsupportedException(
          "a network with IPv6",
          "this kernel has no IPv6, or has it switched off",
          "leave it out, or start the host without ipv6.disable=1");
    }
  }

  @Override
  public Network get(String nameOrIdPrefix) {
    Objects.requireNonNull(nameOrIdPrefix, "nameOrIdPrefix");
    return find(nameOrIdPrefix).orElseThrow(() -> NetworkStore.noSuch(nameOrIdPrefix));
  }

  @Override
  public Optional<Network> find(String nameOrIdPrefix) {
    Objects.requireNonNull(nameOrIdPrefix, "nameOrIdPrefix");
    return services
        .calls()
        .of(() -> named(nameOrIdPrefix).map(name -> new EngineNetwork(services, name)));
  }

  private Optional<String> named(String nameOrIdPrefix) {
    if (nameOrIdPrefix.isEmpty()) {
      return Optional.empty();
    }
    if (nameOrIdPrefix.equals(NetworkSpec.BRIDGE)) {
      ensureBridge(services.parts());
    }
    if (store().has(nameOrIdPrefix)) {
      return Optional.of(nameOrIdPrefix);
    }
    List<String> names =
        store().list().stream()
            .filter(record -> record.id().startsWith(nameOrIdPrefix))
            .map(NetworkRecord::name)
            .toList();
    if (names.size() > 1) {
      throw new ConflictException(
          "the ids of the networks "
              + String.join(", ", names)
              + " begin with "
              + nameOrIdPrefix
              + ": write more of it, or a name");
    }
    return names.stream().findFirst();
  }

  /**
   * Has the default bridge be there, which nobody makes.
   *
   * @throws ConflictException if no block of addresses is free for it
   */
  static void ensureBridge(Parts parts) {
    parts.networks().ensureBridge(() -> Names.id().hex(), HostRoutes::list);
  }

  @Override
  public List<NetworkState> list(NetworkFilter filter) {
    Objects.requireNonNull(filter, "filter");
    return services.calls().of(() -> listed(filter));
  }

  private List<NetworkState> listed(NetworkFilter filter) {
    try {
      ensureBridge(services.parts());
    } catch (CancelledException interrupted) {
      throw interrupted;
    } catch (RuntimeException refused) { // as on a disk that is full
      LOG.warn("the default bridge is not listed: {}", refused.getMessage());
    }
    return store().list().stream()
        .map(record -> state(services.parts(), record))
        .filter(filter::matches)
        .toList();
  }

  static NetworkState state(Parts parts, NetworkRecord network) {
    List<NetworkState.Endpoint> endpoints = new ArrayList<>();
    Map<ContainerId, String> sixth =
        network.ipv6().isPresent() ? parts.networks().endpoints6(network.name()) : Map.of();
    parts
        .networks()
        .endpoints(network.name())
        .forEach(
            (address, id) ->
                endpoints.add(
                    endpoint(parts, network, address, Optional.ofNullable(sixth.get(id)), id)));
    return new NetworkState(
        network.id(),
        network.spec(),
        network.created(),
        network.subnet(),
        network.gateway(),
        network.ipv6().map(own -> new NetworkState.Ipv6(own.subnet(), own.gateway())),
        endpoints);
  }

  private static NetworkState.Endpoint endpoint(
      Parts parts, NetworkRecord network, long address, Optional<String> sixth, ContainerId id) {
    Optional<ContainerRecord> record = readable(parts, id);
    String mac =
        record.stream()
            .flatMap(known -> known.spec().namespaces().networks().stream())
            .filter(attachment -> attachment.network().equals(network.name()))
            .findFirst()
            .flatMap(NetworkAttachment::mac)
            .orElseGet(() -> Wiring.mac(address));
    String name = record.map(ContainerRecord::name).orElse(id.shortHex());
    return new NetworkState.Endpoint(id, name, Subnet.text(address), sixth, mac);
  }

  static Optional<ContainerRecord> readable(Parts parts, ContainerId id) {
    try {
      return parts.store().read(id);
    } catch (CorruptException | UncheckedIOException damaged) {
      LOG.debug("nobody knows the name of container {}", id.shortHex(), damaged);
      return Optional.empty();
    }
  }

  @Override
  public List<String> prune(NetworkFilter filter) {
    Objects.requireNonNull(filter, "filter");
    return services.calls().of(() -> pruned(filter));
  }

  private List<String> pruned(NetworkFilter filter) {
    services.removals().finishEnded();
    List<String> removed = new ArrayList<>();
    for (NetworkState network : listed(filter)) {
      if (network.isUsed() || network.isPredefined()) {
        continue;
      }
      try {
        EngineNetwork.remove(services, network.name());
        removed.add(network.name());
      } catch (ConflictException | NotFoundException overtaken) {
        LOG.debug("network {} is not pruned", network.name(), overtaken);
      }
    }
    return removed;
  }

  @Override
  public String toString() {
    return "networks of " + services.parts().layout().root();
  }
}
