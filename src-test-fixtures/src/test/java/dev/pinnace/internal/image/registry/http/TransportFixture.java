package dev.pinnace.internal.image.registry.http;

import dev.pinnace.fixtures.registry.WireServer;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;

/** A transport, and a server that answers as a test says. */
@Timeout(60)
abstract class TransportFixture {
  static final long HUGE = 1L << 32;
  volatile WireServer.Handler handler = wire -> wire.answer(200);
  final WireServer server = new WireServer(wire -> handler.handle(wire), Optional.empty());
  Transport transport = transport(Duration.ofSeconds(20));

  static Transport transport(Duration silence) {
    return new Transport(Duration.ofSeconds(1), silence, origin -> ofTheJvm(), Map.of());
  }

  static SSLContext ofTheJvm() {
    try {
      return SSLContext.getDefault();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  @AfterEach
  void close() {
    transport.close();
    server.close();
  }

  Request get() {
    return Request.of("GET", URI.create(server.origin() + "/x?y=%2F"));
  }
}
