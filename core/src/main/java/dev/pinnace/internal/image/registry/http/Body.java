package dev.pinnace.internal.image.registry.http;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

/** The body of an answer as it comes over its connection. */
abstract class Body extends InputStream {
  private static final int WORTH_READING = 1 << 14;

  private final Connection connection;
  private final Runnable reuse;
  private final AtomicReference<State> state = new AtomicReference<>(State.OPEN);

  private enum State {
    OPEN,
    FINISHED,
    CLOSED
  }

  /**
   * @param reuse what is done with the connection when everything was read
   */
  Body(Connection connection, Runnable reuse) {
    this.connection = connection;
    this.reuse = reuse;
  }

  /** The next bytes, -1 when {@code connection} stands behind the body. */
  abstract int next(byte[] into, int from, int length) throws IOException;

  /** How much is certainly left, if it is known and no more than that. */
  abstract long left();

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int from, int length) throws IOException {
    Objects.checkFromIndexSize(from, length, into.length);
    if (length == 0) {
      return 0;
    }
    if (state.get() == State.FINISHED) {
      return -1;
    }
    int got = next(into, from, length);
    if (got < 0) {
      finish();
    }
    return got;
  }

  final void finish() {
    if (state.compareAndSet(State.OPEN, State.FINISHED)) {
      reuse.run();
    }
  }

  /** Ends the body from any thread. What has arrived already is read to keep the connection. */
  @Override
  public void close() {
    if (state.compareAndSet(State.OPEN, State.CLOSED)) {
      connection.abort();
    }
  }

  /** For the thread that reads: as {@link #close}, but a rest that is here already is taken. */
  final void discard() {
    try {
      if (left() <= connection.buffered() && left() <= WORTH_READING) {
        byte[] rest = new byte[WORTH_READING];
        int got;
        do {
          got = read(rest, 0, rest.length);
        } while (got >= 0);
      }
    } catch (IOException broken) {
      connection.abort();
    }
    close();
  }

  /** A body of a length that was said. */
  static final class Fixed extends Body {
    private final Connection connection;
    private long left;

    Fixed(Connection connection, Runnable reuse, long length) {
      super(connection, reuse);
      this.connection = connection;
      this.left = length;
    }

    @Override
    int next(byte[] into, int from, int length) throws IOException {
      if (left == 0) {
        return -1;
      }
      int got = connection.read(into, from, (int) Math.min(length, left));
      if (got < 0) {
        throw new EOFException("the connection ended " + left + " bytes before the body did");
      }
      left -= got;
      if (left == 0) {
        finish();
      }
      return got;
    }

    @Override
    long left() {
      return left;
    }
  }

  /** A body in chunks (RFC 9112, 7.1). */
  static final class Chunked extends Body {
    private static final int MOST_DIGITS = 15;
    private static final int MOST_TRAILERS = 100;

    private final Connection connection;
    private long left;
    private boolean first = true;

    Chunked(Connection connection, Runnable reuse) {
      super(connection, reuse);
      this.connection = connection;
    }

    @Override
    int next(byte[] into, int from, int length) throws IOException {
      if (left == 0 && !nextChunk()) {
        return -1;
      }
      int got = connection.read(into, from, (int) Math.min(length, left));
      if (got < 0) {
        throw new EOFException("the connection ended within a chunk of the body");
      }
      left -= got;
      return got;
    }

    private boolean nextChunk() throws IOException {
      if (!first && !connection.readLine().isEmpty()) {
        throw new BadAnswerException("a chunk of the body is longer than it said");
      }
      first = false;
      String line = connection.readLine();
      int semicolon = line.indexOf(';');
      String digits = (semicolon < 0 ? line : line.substring(0, semicolon)).strip();
      if (digits.length() > MOST_DIGITS || !digits.matches("[0-9a-fA-F]+")) {
        throw new BadAnswerException("a chunk of the body has the length \"" + digits + "\"");
      }
      left = Long.parseLong(digits, 16);
      if (left == 0) {
        skipTrailers();
      }
      return left > 0;
    }

    private void skipTrailers() throws IOException {
      for (int i = 0; !connection.readLine().isEmpty(); i++) {
        if (i == MOST_TRAILERS) {
          throw new BadAnswerException("the body does not end");
        }
      }
    }

    @Override
    long left() {
      return Long.MAX_VALUE;
    }
  }

  /** A body that ends with its connection. */
  static final class UntilClosed extends Body {
    private final Connection connection;

    UntilClosed(Connection connection) {
      super(connection, connection::abort);
      this.connection = connection;
    }

    @Override
    int next(byte[] into, int from, int length) throws IOException {
      return connection.read(into, from, length);
    }

    @Override
    long left() {
      return Long.MAX_VALUE;
    }
  }
}
