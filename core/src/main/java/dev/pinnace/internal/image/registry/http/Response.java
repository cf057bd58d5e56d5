package dev.pinnace.internal.image.registry.http;

import java.io.InputStream;
import java.net.URI;

/**
 * An answer, of which the body is still to be read. A connection of which everything was read is
 * used again.
 */
public final class Response implements AutoCloseable {
  private final int status;
  private final Headers headers;
  private final URI from;
  private final BodyStream body;

  Response(int status, Headers headers, URI from, BodyStream body) {
    this.status = status;
    this.headers = headers;
    this.from = from;
    this.body = body;
  }

  /** The status code, 200 to 599. */
  public int status() {
    return status;
  }

  /** Whether the status is of the class 2xx. */
  public boolean isSuccess() {
    return status / 100 == 2;
  }

  /** The header fields. */
  public Headers headers() {
    return headers;
  }

  /** The place that answered. */
  public URI from() {
    return from;
  }

  /** The body, empty where there is none. */
  public InputStream body() {
    return body;
  }

  /** For the reading thread: as {@link #close}, but the connection is kept if little is left. */
  public void discard() {
    body.discard();
  }

  /** Ends the answer, and a read of its body that is under way in another thread. */
  @Override
  public void close() {
    body.close();
  }
}
