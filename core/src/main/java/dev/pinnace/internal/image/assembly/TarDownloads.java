package dev.pinnace.internal.image.assembly;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.internal.image.registry.http.Transport;
import dev.pinnace.internal.image.transfer.UnpackLimit;
import java.io.IOException;
import java.net.URI;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Brings files by HTTP over one client, which is made for the first of them. A line may be slow for
 * as long as it likes, and silent for a minute. Certificates are believed as the JVM does.
 * Thread-safe; {@link #close} breaks off what is under way.
 */
public final class TarDownloads implements AutoCloseable {
  private static final Duration SILENCE = Duration.ofMinutes(1);

  private final Map<String, String> environment;
  private final Duration silence;
  private final UnpackLimit.Source limits;
  private @Nullable Transport transport;
  private boolean closed;

  /**
   * @param environment of which the proxies count
   */
  public TarDownloads(Map<String, String> environment) {
    this(environment, SILENCE, UnpackLimit::in);
  }

  TarDownloads(Map<String, String> environment, Duration silence, UnpackLimit.Source limits) {
    this.environment = Map.copyOf(environment);
    this.silence = silence;
    this.limits = limits;
  }

  /**
   * Prepares one.
   *
   * @param source may have a user and a password, which its own server is told and no other
   * @throws InvalidSpecException unless it is a URI of http or https
   */
  public TarDownload of(URI source) {
    return new TarDownload(source, this::transport, limits);
  }

  private synchronized Transport transport() throws IOException {
    if (closed) {
      throw new IOException("the engine is closed");
    }
    Transport made = transport;
    if (made == null) {
      made = new Transport(silence, silence, origin -> trust(), environment);
      transport = made;
    }
    return made;
  }

  private static SSLContext trust() throws IOException {
    try {
      return SSLContext.getDefault();
    } catch (NoSuchAlgorithmException e) {
      throw new IOException("this JVM has no TLS", e);
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (transport != null) {
      transport.close();
    }
  }
}
