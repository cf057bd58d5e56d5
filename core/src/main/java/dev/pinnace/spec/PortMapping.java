package dev.pinnace.spec;

import dev.pinnace.error.InvalidSpecException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A port of a container's that is to be reached at the host's. Immutable; {@link #of} starts with
 * the defaults.
 *
 * @param address of the host's, of IPv4 or IPv6 and without brackets; by default all of both
 * @param hostPort the first of the host's ports that will do; 0 for any that is free
 * @param lastHostPort the last of them; the same for that one only
 * @param container where it leads to
 */
public record PortMapping(
    Optional<String> address, int hostPort, int lastHostPort, ContainerPort container) {
  public PortMapping {
    Objects.requireNonNull(container, "container");
    address = address.map(text -> HostPort.canonical("the address of port " + container, text));
    if (hostPort != 0 || lastHostPort != 0) {
      PortRange.check("the host's port for port " + container, hostPort);
      PortRange.check("the host's port for port " + container, lastHostPort);
      if (lastHostPort < hostPort) {
        throw new InvalidSpecException(
            "the host's ports for port "
                + container
                + " end before they begin: "
                + hostPort
                + "-"
                + lastHostPort);
      }
    }
  }

  /** That port, at one of the host's that is free. */
  public static PortMapping of(ContainerPort container) {
    Objects.requireNonNull(container, "container");
    return new PortMapping(Optional.empty(), 0, 0, container);
  }

  /** That port of the container's TCP, at one of the host's. */
  public static PortMapping of(int hostPort, int containerPort) {
    PortRange.check("the host's port for port " + containerPort, hostPort);
    return new PortMapping(Optional.empty(), hostPort, hostPort, ContainerPort.tcp(containerPort));
  }

  /** The same at one address of the host's only, as in {@code 127.0.0.1}. */
  public PortMapping at(String hostAddress) {
    Objects.requireNonNull(hostAddress, "hostAddress");
    return new PortMapping(Optional.of(hostAddress), hostPort, lastHostPort, container);
  }

  /**
   * Reads what {@code docker run -p} takes: {@code [[ADDRESS:][HOST]:]CONTAINER[/PROTOCOL]}, where
   * HOST and CONTAINER are ports or ranges of the same length, or HOST a range for one port of the
   * container's, of which one that is free is taken. Without HOST, or with 0, any that is free is.
   *
   * @throws InvalidSpecException for everything else
   */
  public static List<PortMapping> parse(String text) {
    Objects.requireNonNull(text, "text");
    int slash = text.indexOf('/');
    String rest = slash < 0 ? text : text.substring(0, slash);
    ContainerPort.Protocol protocol =
        ContainerPort.protocol(text, slash < 0 ? "" : text.substring(slash + 1));
    int last = rest.lastIndexOf(':');
    PortRange inside = PortRange.parse(text, rest.substring(last + 1));
    String outside = last < 0 ? "" : rest.substring(0, last);
    int middle = outside.lastIndexOf(':');
    Optional<String> address =
        middle < 0
            ? Optional.empty()
            : Optional.of(outside.substring(0, middle)).filter(host -> !host.isEmpty());
    String host = outside.substring(middle + 1);
    boolean any = host.isEmpty() || host.equals("0");
    return mappings(
        text,
        address.map(written -> address(text, written)),
        any ? Optional.empty() : Optional.of(PortRange.parse(text, host)),
        inside,
        protocol);
  }

  private static String address(String text, String written) {
    boolean brackets = written.startsWith("[") && written.endsWith("]");
    String address = brackets ? written.substring(1, written.length() - 1) : written;
    if (brackets && address.indexOf(':') < 0) {
      throw new InvalidSpecException(
          "port \"" + text + "\": only an address of IPv6 is written in brackets");
    }
    return HostPort.canonical("the address in port \"" + text + "\"", address);
  }

  private static List<PortMapping> mappings(
      String text,
      Optional<String> address,
      Optional<PortRange> host,
      PortRange inside,
      ContainerPort.Protocol protocol) {
    if (host.isPresent() && inside.size() > 1 && host.get().size() != inside.size()) {
      throw new InvalidSpecException(
          "port \""
              + text
              + "\": "
              + host.get().size()
              + " ports of the host's are not enough or too many for "
              + inside.size()
              + " of the container's: write ranges of the same length");
    }
    List<PortMapping> mappings = new ArrayList<>();
    for (int i = 0; i < inside.size(); i++) {
      int first = host.isPresent() ? host.get().first() + i : 0;
      int last = host.isPresent() && inside.size() == 1 ? host.get().last() : first;
      ContainerPort to = new ContainerPort(inside.first() + i, protocol);
      mappings.add(new PortMapping(address, first, last, to));
    }
    return mappings;
  }

  /** Whether the two want the same port of the host's, and no other. */
  boolean collidesWith(PortMapping other) {
    return hostPort != 0
        && hostPort == lastHostPort
        && hostPort == other.hostPort
        && hostPort == other.lastHostPort
        && container.protocol() == other.container.protocol()
        && (address.equals(other.address) || covers(other) || other.covers(this));
  }

  /** Whether the other's address is one of those that this one has. */
  private boolean covers(PortMapping other) {
    boolean all =
        address.filter(text -> text.equals(other.isSixth() ? "::" : "0.0.0.0")).isPresent();
    return address.isEmpty() || (all && other.address.isPresent());
  }

  private boolean isSixth() {
    return address.filter(text -> text.indexOf(':') >= 0).isPresent();
  }

  /** As it is written: {@code 127.0.0.1:8080:80/tcp}. */
  @Override
  public String toString() {
    String host =
        hostPort == 0
            ? ""
            : hostPort == lastHostPort ? "" + hostPort : hostPort + "-" + lastHostPort;
    String before = address.map(text -> PortBinding.bracketed(text) + ":").orElse("");
    return (before + host + (before.isEmpty() && host.isEmpty() ? "" : ":")) + container;
  }
}
