package dev.pinnace.internal.image.registry.http;

import java.io.IOException;
import javax.net.ssl.SSLContext;

/** Whose certificates a place may show. Names of hosts are checked where these checks them. */
@FunctionalInterface
public interface Trust {
  /** What counts for {@code origin}; the same object for what shares connections and sessions. */
  SSLContext of(Origin origin) throws IOException;
}
