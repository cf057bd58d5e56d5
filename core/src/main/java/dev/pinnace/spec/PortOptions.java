package dev.pinnace.spec;

import dev.pinnace.error.InvalidSpecException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** The ports of a container that the host's lead to, as a builder collects them. */
abstract class PortOptions<B> extends SecurityOptions<B> {
  private final List<PortMapping> published = new ArrayList<>();
  private final Set<ContainerPort> exposed = new LinkedHashSet<>();
  private boolean all;

  /** Refuses ports where something that was set before has none. */
  abstract void requirePorts(String asked);

  /**
   * Publishes a port of TCP at one of the host's that is free, at all addresses of the host: {@link
   * dev.pinnace.Container#port} tells which.
   *
   * @throws InvalidSpecException for what is no port, and without network of its own
   */
  public B publish(int containerPort) {
    return publish(PortMapping.of(ContainerPort.tcp(containerPort)));
  }

  /**
   * Publishes a port of TCP at one of the host's, at all addresses of the host.
   *
   * @throws InvalidSpecException for what is no port, for a port of the host's that is published
   *     already, and without network of its own
   */
  public B publish(int hostPort, int containerPort) {
    return publish(PortMapping.of(hostPort, containerPort));
  }

  /**
   * Publishes what is written as {@code docker run -p} takes it, {@code 127.0.0.1:8080:80} or
   * {@code 53:53/udp}: {@link PortMapping#parse}.
   *
   * @throws InvalidSpecException for what cannot be read, for a port of the host's that is
   *     published already, and without network of its own
   */
  public B publish(String ports) {
    Objects.requireNonNull(ports, "ports");
    PortMapping.parse(ports).forEach(this::publish);
    return self();
  }

  /**
   * Has what comes to a port of the host's led to one of the container's, while it runs, whoever
   * has started it. It needs a network of the engine; a port that somebody has is refused when the
   * container starts.
   *
   * @throws InvalidSpecException for a port of the host's that is published already, and without
   *     network of its own
   */
  public B publish(PortMapping mapping) {
    Objects.requireNonNull(mapping, "mapping");
    requirePorts("publish " + mapping);
    published.stream()
        .filter(mapping::collidesWith)
        .findFirst()
        .ifPresent(
            earlier -> {
              throw conflict("publish " + mapping, "publish " + earlier);
            });
    published.add(mapping);
    return self();
  }

  /** Says that a program listens on a port; opens nothing, but for {@link #publishAll}. */
  public B expose(ContainerPort port) {
    exposed.add(Objects.requireNonNull(port, "port"));
    return self();
  }

  /**
   * Publishes each port that the image or {@link #expose} names, at one of the host's that is free,
   * unless it is published otherwise.
   *
   * @throws InvalidSpecException without network of its own
   */
  public B publishAll() {
    requirePorts("publishAll");
    all = true;
    return self();
  }

  /** Refuses what has no ports of its own. */
  final void refusePorts(String asked) {
    if (!published.isEmpty()) {
      throw conflict(asked, "publish " + published.get(0));
    }
    if (all) {
      throw conflict(asked, "publishAll");
    }
  }

  final List<PortMapping> published() {
    return published;
  }

  final List<ContainerPort> exposed() {
    return List.copyOf(exposed);
  }

  final boolean publishesAll() {
    return all;
  }
}
