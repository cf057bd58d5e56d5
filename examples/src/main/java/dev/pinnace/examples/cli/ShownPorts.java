package dev.pinnace.examples.cli;

import dev.pinnace.Image;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.spec.ContainerPort;
import dev.pinnace.spec.ContainerState;
import dev.pinnace.spec.NamespaceSpec;
import dev.pinnace.spec.PortBinding;
import dev.pinnace.spec.PortMapping;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A container's ports, as Docker prints them. */
final class ShownPorts {
  private ShownPorts() {}

  /** The host's that lead to it now: none while it does not run. */
  static List<PortBinding> bound(ContainerState state) {
    return state.status().isAlive() ? state.ports() : List.of();
  }

  /** What {@code ps} has in its column: those of the host's, and what is exposed without. */
  static String column(ContainerState state, Optional<Image> image) {
    if (!state.status().isAlive()) {
      return "";
    }
    Set<String> bound =
        state.ports().stream()
            .map(binding -> binding.container().toString())
            .collect(Collectors.toSet());
    return Stream.concat(
            state.ports().stream().map(PortBinding::toString),
            exposed(state.spec().namespaces(), image).stream()
                .filter(port -> !bound.contains(port)))
        .collect(Collectors.joining(", "));
  }

  /** {@code NetworkSettings.Ports}: while it runs, exposed ports too, without any of the host's. */
  static Map<String, Object> settings(ContainerState state, Optional<Image> image) {
    if (!state.status().isAlive()) {
      return Map.of();
    }
    Map<String, List<Object>> ports = new LinkedHashMap<>();
    state
        .ports()
        .forEach(
            binding ->
                ports
                    .computeIfAbsent(binding.container().toString(), first -> new ArrayList<>())
                    .add(host(binding.address(), Integer.toString(binding.hostPort()))));
    Map<String, Object> document = new LinkedHashMap<>(ports);
    exposed(state.spec().namespaces(), image)
        .forEach(port -> document.putIfAbsent(port, ports.get(port)));
    return document;
  }

  /** {@code HostConfig.PortBindings}: as they were asked for. */
  static Map<String, Object> wanted(NamespaceSpec namespaces) {
    Map<String, List<Object>> ports = new LinkedHashMap<>();
    for (PortMapping mapping : namespaces.ports()) {
      String host =
          mapping.hostPort() == 0
              ? ""
              : mapping.hostPort() == mapping.lastHostPort()
                  ? Integer.toString(mapping.hostPort())
                  : mapping.hostPort() + "-" + mapping.lastHostPort();
      ports
          .computeIfAbsent(mapping.container().toString(), first -> new ArrayList<>())
          .add(host(mapping.address().orElse(""), host));
    }
    return new LinkedHashMap<>(ports);
  }

  private static Map<String, Object> host(String address, String port) {
    Map<String, Object> host = new LinkedHashMap<>();
    host.put("HostIp", address);
    host.put("HostPort", port);
    return host;
  }

  /** What a container says that it listens on, by itself, its image and what is published. */
  static Set<String> exposed(NamespaceSpec namespaces, Optional<Image> image) {
    Set<String> exposed = new TreeSet<>();
    namespaces.exposed().forEach(port -> exposed.add(port.toString()));
    namespaces.ports().forEach(mapping -> exposed.add(mapping.container().toString()));
    image.ifPresent(
        says ->
            says.config().config().exposedPorts().forEach(text -> exposed.addAll(spelled(text))));
    return exposed;
  }

  /** An image may say 80 for 80/tcp; what is not known, as another protocol, is left as it is. */
  static List<String> spelled(String exposed) {
    try {
      return ContainerPort.parse(exposed).stream().map(ContainerPort::toString).toList();
    } catch (InvalidSpecException unknown) {
      return List.of(exposed);
    }
  }
}
