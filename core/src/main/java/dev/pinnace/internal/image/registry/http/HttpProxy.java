package dev.pinnace.internal.image.registry.http;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.UnsupportedException;
import java.net.InetSocketAddress;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A proxy, spoken to in plain HTTP.
 *
 * @param host an IPv6 address without brackets
 * @param authorization what it is told about who asks
 */
public record HttpProxy(String host, int port, Optional<String> authorization) {
  /** What the JDK's client must be allowed, when the JVM starts, to authenticate for a tunnel. */
  private static final String DISABLED = "jdk.http.auth.tunneling.disabledSchemes";

  private static final Pattern ADDRESS =
      Pattern.compile(
          "(?:(?<scheme>[a-zA-Z][a-zA-Z0-9+.-]*)://)?(?:(?<user>[^/]*)@)?"
              + "(?<host>\\[[0-9a-fA-F:.]+\\]|[^:/@\\[\\]\\s?#]+)(?::(?<port>[0-9]{1,5}))?(?:/.*)?");
  private static final int USUAL_PORT = 80;
  private static final int LAST_PORT = 0xffff;

  /**
   * Reads {@code [http://][USER:PASSWORD@]HOST[:PORT]}; user and password may be percent-encoded.
   *
   * @param variable where it comes from, for messages, which never show the password
   * @throws InvalidSpecException when it is something else
   */
  static HttpProxy parse(String variable, String text) {
    Matcher address = ADDRESS.matcher(text.strip());
    if (!address.matches()) {
      throw refused(variable, text, "it is no address");
    }
    String scheme = Optional.ofNullable(address.group("scheme")).orElse("http");
    if (!scheme.toLowerCase(Locale.ROOT).equals("http")) {
      throw refused(variable, text, "Pinnace speaks plain HTTP with proxies, not " + scheme);
    }
    String port = Optional.ofNullable(address.group("port")).orElse("" + USUAL_PORT);
    if (Integer.parseInt(port) > LAST_PORT) {
      throw refused(variable, text, "there is no port " + port);
    }
    try {
      return new HttpProxy(
          address.group("host").replaceAll("[\\[\\]]", ""),
          Integer.parseInt(port),
          Optional.ofNullable(address.group("user")).map(UserInfo::basic));
    } catch (IllegalArgumentException malformed) {
      throw refused(variable, text, "its user or password has a % that is followed by no number");
    }
  }

  private static InvalidSpecException refused(String variable, String text, String why) {
    return new InvalidSpecException(
        variable
            + "="
            + text.replaceFirst("^([^:/]*://)?.*@", "$1...@")
            + " names no proxy: "
            + why
            + "; write http://HOST:PORT or http://USER:PASSWORD@HOST:PORT");
  }

  @Override
  public String toString() {
    return host + ":" + port;
  }

  /** Where it is; the name is looked up now. */
  InetSocketAddress address() {
    return new InetSocketAddress(host, port);
  }

  /**
   * The header {@code Proxy-Authorization} of requests to a place.
   *
   * @throws UnsupportedException when the JDK's client would leave it out
   */
  public Optional<String> authorizationFor(Origin place) {
    String disabled = System.getProperty(DISABLED, "Basic").toLowerCase(Locale.ROOT);
    if (authorization.isPresent() && place.tls() && disabled.contains("basic")) {
      throw new UnsupportedException(
          "a proxy with user and password for " + place,
          "the JDK does not send them for what is encrypted, unless it is told to at its start",
          "start the JVM with -D" + DISABLED + "=, or use a proxy that asks for none");
    }
    return authorization;
  }
}
