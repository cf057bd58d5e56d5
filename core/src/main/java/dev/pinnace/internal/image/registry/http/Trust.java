package dev.pinnace.internal.image.registry.http;

import java.io.IOException;
import javax.net.ssl.SSLSocketFactory;

/**
 * Whose certificates a place may show.
 *
 * @param factory makes its sockets
 * @param checkHost whether the certificate must be for the host's name
 */
public record Trust(SSLSocketFactory factory, boolean checkHost) {
  /** Chooses by place; asked once for each connection. */
  @FunctionalInterface
  public interface Choice {
    /** What counts for {@code origin}. */
    Trust of(Origin origin) throws IOException;
  }
}
