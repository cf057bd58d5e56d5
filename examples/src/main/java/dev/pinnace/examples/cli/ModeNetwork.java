package dev.pinnace.examples.cli;

import dev.pinnace.Pinnace;
import dev.pinnace.error.ConflictException;
import dev.pinnace.spec.ContainerFilter;
import dev.pinnace.spec.ContainerState;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What Docker lists among networks and no network is: what a container has instead of one. They are
 * the same in every root, and have no addresses.
 */
enum ModeNetwork {
  /** The host's own. */
  HOST("host", "2aa25807016621fdbefdfcbae7b4ab283602d2d7083f96c71414bb5325328eac"),
  /** Nothing but loopback. */
  NONE("null", "e1af735ddb4f047fa2d339e47f056ab7cacf644f4a72e3c1aa7e5af2bbd47060");

  private static final int SHORTEST = 12;
  private static final String NEVER = "0001-01-01T00:00:00Z";

  private final String driver;
  private final String id;

  ModeNetwork(String driver, String id) {
    this.driver = driver;
    this.id = id;
  }

  /** The one of that name, or with an id that begins so, of which there are to be twelve digits. */
  static Optional<ModeNetwork> find(String nameOrIdPrefix) {
    return Stream.of(values())
        .filter(
            mode ->
                mode.word().equals(nameOrIdPrefix)
                    || (nameOrIdPrefix.length() >= SHORTEST && mode.id.startsWith(nameOrIdPrefix)))
        .findFirst();
  }

  /**
   * Refuses one of these where a network is needed.
   *
   * @throws ConflictException if it is one
   */
  static void refuse(String nameOrIdPrefix, String what) {
    find(nameOrIdPrefix)
        .ifPresent(
            mode -> {
              throw new ConflictException("network " + mode.word() + " " + what);
            });
  }

  /** What it is called. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  String driver() {
    return driver;
  }

  String id() {
    return id;
  }

  /** As {@code docker network inspect} prints it. */
  Map<String, Object> document(Pinnace pinnace) {
    Map<String, Object> containers = new LinkedHashMap<>();
    for (ContainerState container :
        pinnace.containers().list(ContainerFilter.alive().network(word()))) {
      if (container.spec().namespaces().networkOf().isPresent()) {
        continue;
      }
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("Name", container.name());
      entry.put("MacAddress", "");
      entry.put("IPv4Address", "");
      entry.put("IPv6Address", "");
      containers.put(container.id().hex(), entry);
    }
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("Name", word());
    document.put("Id", id);
    document.put("Created", NEVER);
    document.put("Scope", "local");
    document.put("Driver", driver);
    document.put("EnableIPv4", true);
    document.put("EnableIPv6", false);
    document.put("IPAM", Map.of("Driver", "default", "Options", Map.of(), "Config", List.of()));
    document.put("Internal", false);
    document.put("Attachable", false);
    document.put("Ingress", false);
    document.put("Containers", containers);
    document.put("Options", Map.of());
    document.put("Labels", Map.of());
    return document;
  }
}
