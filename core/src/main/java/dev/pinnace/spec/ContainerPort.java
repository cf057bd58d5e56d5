package dev.pinnace.spec;

import dev.pinnace.error.InvalidSpecException;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * A port of a container's. Immutable.
 *
 * @param number from 1 to 65535
 * @param protocol of what comes to it
 */
public record ContainerPort(int number, Protocol protocol) implements Comparable<ContainerPort> {
  /** What a port can be of. */
  public enum Protocol {
    /** Connections. */
    TCP,
    /** Datagrams. */
    UDP;

    /** As it is written behind a port: {@code tcp}. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public ContainerPort {
    Objects.requireNonNull(protocol, "protocol");
    PortRange.check("a container's port", number);
  }

  /** Of TCP. */
  public static ContainerPort tcp(int number) {
    return new ContainerPort(number, Protocol.TCP);
  }

  /** Of UDP. */
  public static ContainerPort udp(int number) {
    return new ContainerPort(number, Protocol.UDP);
  }

  /**
   * Reads {@code 80}, {@code 53/udp} or a range, {@code 8000-8010/tcp}, as {@code --expose} takes
   * it.
   *
   * @throws InvalidSpecException if it is none of these
   */
  public static List<ContainerPort> parse(String text) {
    Objects.requireNonNull(text, "text");
    int slash = text.indexOf('/');
    Protocol protocol = protocol(text, slash < 0 ? "" : text.substring(slash + 1));
    PortRange range = PortRange.parse(text, slash < 0 ? text : text.substring(0, slash));
    return IntStream.rangeClosed(range.first(), range.last())
        .mapToObj(number -> new ContainerPort(number, protocol))
        .toList();
  }

  /** Docker takes an empty one for TCP. */
  static Protocol protocol(String text, String word) {
    return switch (word.toLowerCase(Locale.ROOT)) {
      case "", "tcp" -> Protocol.TCP;
      case "udp" -> Protocol.UDP;
      default ->
          throw new InvalidSpecException(
              "port \"" + text + "\": the protocol " + word + " is not there: use tcp or udp");
    };
  }

  @Override
  public int compareTo(ContainerPort other) {
    Objects.requireNonNull(other, "other");
    int byNumber = Integer.compare(number, other.number);
    return byNumber != 0 ? byNumber : protocol.compareTo(other.protocol);
  }

  /** As it is written: {@code 80/tcp}. */
  @Override
  public String toString() {
    return number + "/" + protocol.word();
  }
}
