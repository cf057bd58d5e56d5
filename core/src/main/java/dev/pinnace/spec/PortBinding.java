package dev.pinnace.spec;

import java.util.Objects;

/**
 * A port of the host's, and the container's that it leads to. Immutable.
 *
 * @param address of the host's; {@code 0.0.0.0} and {@code ::} are all of IPv4 and IPv6
 * @param hostPort from 1 to 65535, also where any would do
 * @param container where it leads to
 */
public record PortBinding(String address, int hostPort, ContainerPort container) {
  public PortBinding {
    Checks.address("the address of port " + container, address);
    PortRange.check("the host's port", hostPort);
    Objects.requireNonNull(container, "container");
  }

  /** Where it is reached from the host itself. */
  public HostPort host() {
    return new HostPort(
        address.equals("0.0.0.0") ? "127.0.0.1" : address.equals("::") ? "::1" : address, hostPort);
  }

  static String bracketed(String address) {
    return address.indexOf(':') < 0 ? address : "[" + address + "]";
  }

  /** The host's side, as it is written: {@code 0.0.0.0:8080} or {@code [::]:8080}. */
  public String hostText() {
    return bracketed(address) + ":" + hostPort;
  }

  /** As {@code docker ps} writes it. */
  @Override
  public String toString() {
    return hostText() + "->" + container;
  }
}
