package dev.pinnace.internal.image.registry.http;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The proxy for a place: what the JVM was told ({@code https.proxyHost}), else {@code HTTPS_PROXY},
 * {@code HTTP_PROXY} and {@code NO_PROXY} of the environment, as other container tools have it.
 * Loopback has none.
 */
@FunctionalInterface
interface ProxyChoice {
  /** The proxy, spoken to in plain HTTP. */
  Optional<Origin> of(Origin origin);

  /** By the JVM's settings and that environment. */
  static ProxyChoice of(Map<String, String> environment) {
    return origin ->
        Loopback.is(origin.host())
            ? Optional.empty()
            : ofJvm(origin).or(() -> ofEnvironment(environment, origin));
  }

  /** The same as the JDK's client asks for it. */
  default ProxySelector selector() {
    return new ProxySelector() {
      @Override
      public List<Proxy> select(URI target) {
        return List.of(
            ProxyChoice.this
                .of(Origin.of(target))
                .map(place -> new InetSocketAddress(place.host(), place.port()))
                .map(address -> new Proxy(Proxy.Type.HTTP, address))
                .orElse(Proxy.NO_PROXY));
      }

      @Override
      public void connectFailed(URI target, SocketAddress proxy, IOException failure) {
        // The exchange fails with it.
      }
    };
  }

  private static Optional<Origin> ofJvm(Origin origin) {
    ProxySelector selector = ProxySelector.getDefault();
    List<Proxy> proxies =
        selector == null ? List.of() : selector.select(URI.create(origin.toString()));
    return proxies.stream()
        .filter(proxy -> proxy.type() == Proxy.Type.HTTP)
        .findFirst()
        .map(proxy -> (InetSocketAddress) proxy.address())
        .map(address -> new Origin(false, address.getHostString(), address.getPort()));
  }

  private static Optional<Origin> ofEnvironment(Map<String, String> environment, Origin origin) {
    String name = origin.tls() ? "HTTPS_PROXY" : "HTTP_PROXY";
    String value =
        environment.getOrDefault(name, environment.getOrDefault(name.toLowerCase(Locale.ROOT), ""));
    String exceptions =
        environment.getOrDefault("NO_PROXY", environment.getOrDefault("no_proxy", ""));
    if (value.isEmpty() || isExcepted(origin.host(), exceptions)) {
      return Optional.empty();
    }
    URI uri = URI.create(value.contains("://") ? value : "http://" + value);
    return Optional.of(Origin.of(uri));
  }

  private static boolean isExcepted(String host, String exceptions) {
    for (String exception : exceptions.split(",", -1)) {
      String suffix = exception.strip().toLowerCase(Locale.ROOT);
      String bare = suffix.startsWith(".") ? suffix.substring(1) : suffix;
      if (suffix.equals("*")
          || (!bare.isEmpty() && (host.equals(bare) || host.endsWith("." + bare)))) {
        return true;
      }
    }
    return false;
  }
}
