package dev.pinnace.spec;

import com.google.common.net.InetAddresses;
import dev.pinnace.error.InvalidSpecException;
import java.net.InetSocketAddress;

/**
 * Where a container's port is reached from the host.
 *
 * @param address of the host's, never all of them
 * @param port the host's
 */
public record HostPort(String address, int port) {
  public HostPort {
    Checks.address("the host's address", address);
    PortRange.check("the host's port", port);
  }

  /** An address as the JDK reads it, in its shortest form. */
  static String canonical(String what, String text) {
    Checks.address(what, text);
    if (text.indexOf('%') >= 0) {
      throw new InvalidSpecException(
          what + " cannot have a scope: \"" + text + "\": write an address without %");
    }
    return InetAddresses.toAddrString(InetAddresses.forString(text));
  }

  /** To connect to. */
  public InetSocketAddress socketAddress() {
    return new InetSocketAddress(InetAddresses.forString(address), port);
  }

  /** As it is written in a URL: {@code 127.0.0.1:8080} or {@code [::1]:8080}. */
  @Override
  public String toString() {
    return PortBinding.bracketed(address) + ":" + port;
  }
}
