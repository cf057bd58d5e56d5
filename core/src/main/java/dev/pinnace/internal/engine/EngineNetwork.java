package dev.pinnace.internal.engine;

import dev.pinnace.Container;
import dev.pinnace.Network;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.event.Event.Action;
import dev.pinnace.internal.network.NetworkRecord;
import dev.pinnace.internal.state.ContainerRecord;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.NetworkAttachment;
import dev.pinnace.spec.NetworkState;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A handle of a network. */
final class EngineNetwork implements Network {
  private final Services services;
  private final String name;

  EngineNetwork(Services services, String name) {
    this.services = services;
    this.name = name;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public NetworkState inspect() {
    return services
        .calls()
        .of(() -> EngineNetworks.state(services.parts(), services.parts().networks().get(name)));
  }

  @Override
  public void connect(Container container, NetworkAttachment wanted) {
    Objects.requireNonNull(container, "container");
    Objects.requireNonNull(wanted, "wanted");
    if (!wanted.network().equals(name)) {
      throw new InvalidSpecException(
          "what a container is in network "
              + wanted.network()
              + " does not connect it to network "
              + name
              + ": begin with NetworkAttachment.to(\""
              + name
              + "\")");
    }
    services.calls().of(() -> services.connections().connect(container.id(), wanted));
  }

  @Override
  public void disconnect(Container container, boolean force) {
    Objects.requireNonNull(container, "container");
    services.calls().of(() -> services.connections().disconnect(container.id(), name, force));
  }

  @Override
  public void remove() {
    services
        .calls()
        .of(
            () -> {
              services.removals().finishEnded();
              remove(services, name);
            });
  }

  static void remove(Services services, String name) {
    Optional<NetworkRecord> removed =
        services.parts().networks().remove(name, users -> refuse(services.parts(), name, users));
    services
        .events()
        .tellNetwork(
            Action.NETWORK_DESTROY,
            removed.map(NetworkRecord::id).orElse(name),
            name,
            removed.map(record -> record.spec().labels()).orElse(Map.of()));
  }

  private static void refuse(Parts parts, String name, Set<ContainerId> users) {
    String names =
        users.stream()
            .map(
                id ->
                    EngineNetworks.readable(parts, id)
                        .map(ContainerRecord::name)
                        .orElse(id.shortHex()))
            .sorted()
            .collect(Collectors.joining(", "));
    throw new ConflictException(
        "network "
            + name
            + " is used by "
            + (users.size() == 1 ? "container " : "the containers ")
            + names
            + ": remove "
            + (users.size() == 1 ? "it" : "them")
            + " first, or disconnect "
            + (users.size() == 1 ? "it" : "them"));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof EngineNetwork network
        && network.name.equals(name)
        && network.services.parts().layout().root().equals(services.parts().layout().root());
  }

  @Override
  public int hashCode() {
    return Objects.hash(name, services.parts().layout().root());
  }

  @Override
  public String toString() {
    return "network " + name;
  }
}
