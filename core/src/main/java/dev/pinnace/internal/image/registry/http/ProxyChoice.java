package dev.pinnace.internal.image.registry.http;

import dev.pinnace.error.InvalidSpecException;
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
import java.util.stream.Stream;

/**
 * The proxy for a place: what the JVM was told ({@code https.proxyHost}), else {@code HTTPS_PROXY},
 * {@code HTTP_PROXY} and {@code NO_PROXY} of the environment, in small letters too, as other
 * container tools have it. Loopback has none.
 */
@FunctionalInterface
public interface ProxyChoice {
  /**
   * The proxy.
   *
   * @throws InvalidSpecException when a variable that counts here names none
   */
  Optional<HttpProxy> of(Origin origin);

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
                .map(proxy -> new Proxy(Proxy.Type.HTTP, proxy.address()))
                .orElse(Proxy.NO_PROXY));
      }

      @Override
      public void connectFailed(URI target, SocketAddress proxy, IOException failure) {
        // The exchange fails with it.
      }
    };
  }

  private static Optional<HttpProxy> ofJvm(Origin origin) {
    ProxySelector selector = ProxySelector.getDefault();
    List<Proxy> proxies =
        selector == null ? List.of() : selector.select(URI.create(origin.toString()));
    return proxies.stream()
        .filter(proxy -> proxy.type() == Proxy.Type.HTTP)
        .findFirst()
        .map(proxy -> (InetSocketAddress) proxy.address())
        .map(
            address -> new HttpProxy(address.getHostString(), address.getPort(), Optional.empty()));
  }

  private static Optional<HttpProxy> ofEnvironment(Map<String, String> environment, Origin origin) {
    Optional<String> exceptions = variable(environment, "NO_PROXY").map(environment::get);
    if (exceptions.filter(list -> NoProxy.names(list, origin)).isPresent()) {
      return Optional.empty();
    }
    return variable(environment, origin.tls() ? "HTTPS_PROXY" : "HTTP_PROXY")
        .map(name -> HttpProxy.parse(name, environment.getOrDefault(name, "")));
  }

  /** How a variable is spelled that says something. */
  private static Optional<String> variable(Map<String, String> environment, String name) {
    return Stream.of(name, name.toLowerCase(Locale.ROOT))
        .filter(spelled -> !environment.getOrDefault(spelled, "").isBlank())
        .findFirst();
  }
}
