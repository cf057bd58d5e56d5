package dev.pinnace.internal.image.registry.http;

import java.net.URI;
import java.util.Locale;

/**
 * Scheme, host and port: what credentials are for (RFC 6454).
 *
 * @param tls whether it is {@code https}
 * @param host lower case; an IPv6 address without brackets
 */
public record Origin(boolean tls, String host, int port) {
  private static final int HTTP = 80;
  private static final int HTTPS = 443;

  /** The origin of an absolute URI whose scheme is http or https. */
  public static Origin of(URI uri) {
    boolean tls = "https".equalsIgnoreCase(uri.getScheme());
    String host = uri.getHost();
    if (host == null || !(tls || "http".equalsIgnoreCase(uri.getScheme()))) {
      throw new IllegalArgumentException("not an http or https address: " + uri);
    }
    String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    int port = uri.getPort() >= 0 ? uri.getPort() : tls ? HTTPS : HTTP;
    return new Origin(tls, bare.toLowerCase(Locale.ROOT), port);
  }

  /** What the header {@code Host} says. */
  public String authority() {
    String name = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
    return port == (tls ? HTTPS : HTTP) ? name : name + ":" + port;
  }

  @Override
  public String toString() {
    return (tls ? "https://" : "http://") + authority();
  }
}
