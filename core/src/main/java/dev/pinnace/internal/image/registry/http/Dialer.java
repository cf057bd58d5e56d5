package dev.pinnace.internal.image.registry.http;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Makes connections: addresses one after the other, through a proxy where one is set, TLS. */
final class Dialer {
  private final Duration connectTimeout;
  private final Duration silence;
  private final Trust.Choice trust;
  private final ProxyChoice proxies;

  Dialer(Duration connectTimeout, Duration silence, Trust.Choice trust, ProxyChoice proxies) {
    this.connectTimeout = connectTimeout;
    this.silence = silence;
    this.trust = trust;
    this.proxies = proxies;
  }

  Connection dial(Origin origin) throws IOException {
    Optional<Origin> proxy = proxies.of(origin);
    SocketChannel channel = connect(proxy.orElse(origin));
    try {
      Connection connection =
          new Connection(origin, channel, silence, proxy.isPresent() && !origin.tls());
      if (origin.tls()) {
        if (proxy.isPresent()) {
          tunnel(connection, origin, proxy.get());
        }
        Trust trusted = trust.of(origin);
        connection.secure(trusted.factory(), trusted.checkHost());
      }
      return connection;
    } catch (IOException | RuntimeException | Error failure) {
      channel.close();
      throw failure;
    }
  }

  private SocketChannel connect(Origin place) throws IOException {
    InetAddress[] addresses = addresses(place.host());
    IOException last = null;
    for (InetAddress address : addresses) {
      SocketChannel channel = SocketChannel.open();
      try {
        channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
        channel
            .socket()
            .connect(
                new InetSocketAddress(address, place.port()),
                (int) Math.min(Integer.MAX_VALUE, Math.max(1, connectTimeout.toMillis())));
        return channel;
      } catch (SocketTimeoutException silent) {
        channel.close();
        last =
            new SocketTimeoutException(
                "no connection to "
                    + place.authority()
                    + " within "
                    + HttpConnections.seconds(connectTimeout));
      } catch (IOException refused) {
        channel.close();
        if (Thread.currentThread().isInterrupted()) {
          throw refused;
        }
        last = refused;
      }
    }
    throw last == null ? new UnknownHostException(place.host()) : last;
  }

  private static InetAddress[] addresses(String host) throws UnknownHostException {
    try {
      return InetAddress.getAllByName(host);
    } catch (UnknownHostException unknown) {
      UnknownHostException named =
          new UnknownHostException("there is no host \"" + host + "\" in the name service");
      named.initCause(unknown);
      throw named;
    }
  }

  private static void tunnel(Connection connection, Origin origin, Origin proxy)
      throws IOException {
    String authority =
        (origin.host().indexOf(':') >= 0 ? "[" + origin.host() + "]" : origin.host())
            + ":"
            + origin.port();
    connection.write(
        ("CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n\r\n")
            .getBytes(StandardCharsets.ISO_8859_1));
    List<String> head = connection.readHead();
    if (!head.get(0).matches("HTTP/1\\.[01] 2[0-9][0-9].*")) {
      throw new IOException("the proxy " + proxy + " refuses a tunnel: " + head.get(0));
    }
  }
}
