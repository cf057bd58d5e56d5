package dev.pinnace.internal.image.registry.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.util.Optional;

/**
 * An answer, of which the body is still to be read. A connection of which everything was read is
 * used again.
 */
public final class Response implements AutoCloseable {
  private static final int BUFFER = 1 << 13;

  private final int status;
  private final Headers headers;
  private final URI from;
  private final BodyStream body;
  private final Optional<String> remark;

  Response(int status, Headers headers, URI from, BodyStream body) {
    this(status, headers, from, body, Optional.empty());
  }

  private Response(
      int status, Headers headers, URI from, BodyStream body, Optional<String> remark) {
    this.status = status;
    this.headers = headers;
    this.from = from;
    this.body = body;
    this.remark = remark;
  }

  /** The same answer, with what there is to say about it besides. */
  public Response with(Optional<String> said) {
    return new Response(status, headers, from, body, said);
  }

  /** What there is to say to people about this answer besides. */
  public Optional<String> remark() {
    return remark;
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

  /**
   * Reads a document: all of the body, but not more than {@code most} bytes. It may take four times
   * as long as it may be silent.
   *
   * @throws SocketTimeoutException when it takes longer
   */
  public byte[] document(int most) throws IOException {
    long end = System.nanoTime() + body.silence().multipliedBy(4).toNanos();
    ByteArrayOutputStream document = new ByteArrayOutputStream();
    byte[] buffer = new byte[BUFFER];
    while (document.size() < most) {
      int got = body.read(buffer, 0, Math.min(buffer.length, most - document.size()));
      if (got < 0) {
        break;
      }
      document.write(buffer, 0, got);
      if (System.nanoTime() - end > 0) {
        throw new SocketTimeoutException(
            "after "
                + Failures.seconds(body.silence().multipliedBy(4))
                + " no more than "
                + document.size()
                + " bytes had come");
      }
    }
    return document.toByteArray();
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
