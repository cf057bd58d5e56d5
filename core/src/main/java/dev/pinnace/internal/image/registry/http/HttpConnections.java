package dev.pinnace.internal.image.registry.http;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Sends requests and keeps connections for the next one. An exchange runs on its caller's thread:
 * an interrupt ends it. Redirects are answers like others. Thread-safe; {@link #close} ends every
 * exchange that is under way.
 */
public final class HttpConnections implements AutoCloseable {
  private static final long LONGEST_IDLE = TimeUnit.SECONDS.toNanos(20);
  private static final int MOST_IDLE = 8;
  private static final int MOST_INTERIM = 16;
  private static final int SMALL = 1 << 16;

  private final Dialer dialer;
  private final Watch watch = new Watch();
  private final Map<Origin, Deque<Idle>> idle = new HashMap<>();
  private final Set<Connection> all = new HashSet<>();
  private boolean closed;

  private record Idle(Connection connection, long since) {}

  /**
   * @param connectTimeout for one address
   * @param silence the longest that the other side may say nothing, and take nothing
   */
  public HttpConnections(
      Duration connectTimeout, Duration silence, Trust.Choice trust, Map<String, String> env) {
    this.dialer = new Dialer(connectTimeout, silence, trust, ProxyChoice.of(env));
  }

  /**
   * Sends a request and reads the answer's head. An idle connection that turns out to be gone is
   * replaced.
   *
   * @throws IOException when there is no answer; the thread's interrupt flag tells whether that is
   *     why
   */
  public Response exchange(Request request) throws IOException {
    Origin origin = Origin.of(request.target());
    Optional<Connection> kept = takeIdle(origin);
    if (kept.isPresent()) {
      try {
        return exchange(request, kept.get());
      } catch (SocketTimeoutException | BadAnswerException serious) {
        throw serious;
      } catch (EOFException | SocketException | ClosedChannelException stale) {
        if (Thread.currentThread().isInterrupted() || isClosed() || !isSmall(request)) {
          throw stale;
        }
      }
    }
    Connection fresh = dialer.dial(origin);
    register(fresh);
    return exchange(request, fresh);
  }

  /** A time for people. */
  static String seconds(Duration time) {
    return time.toMillis() % 1000 == 0 ? time.toSeconds() + " s" : time.toMillis() + " ms";
  }

  /** What is large may have arrived in part, which its sender has to ask about. */
  private static boolean isSmall(Request request) {
    return request.payload().map(payload -> payload.length() <= SMALL).orElse(true);
  }

  private Response exchange(Request request, Connection connection) throws IOException {
    try {
      send(request, connection);
      return answer(request, connection);
    } catch (IOException | RuntimeException | Error failure) {
      drop(connection);
      throw failure;
    }
  }

  private void send(Request request, Connection connection) throws IOException {
    boolean silenced = false;
    IOException failure = null;
    watch.begin(connection);
    try {
      connection.send(request);
    } catch (IOException refused) {
      failure = refused;
    } finally {
      silenced = watch.end(connection);
    }
    if (silenced) {
      throw new SocketTimeoutException("it took nothing for " + seconds(connection.silence()));
    }
    // Who refuses a request early may have said why before it closed the connection.
    if (failure != null && (request.payload().isEmpty() || !connection.isOpen())) {
      throw failure;
    }
  }

  private Response answer(Request request, Connection connection) throws IOException {
    for (int i = 0; i < MOST_INTERIM; i++) {
      List<String> head = connection.readHead();
      String[] status = head.get(0).split(" ", 3);
      if (status.length < 2 || !status[1].matches("[1-5][0-9][0-9]")) {
        throw new BadAnswerException("its status line is \"" + head.get(0) + "\"");
      }
      int code = Integer.parseInt(status[1]);
      if (code >= 200) {
        Headers headers = Headers.parse(head.subList(1, head.size()));
        boolean keep = head.get(0).startsWith("HTTP/1.1") && !headers.has("Connection", "close");
        Body body = body(request, connection, code, headers, keep);
        return new Response(code, headers, request.target(), body);
      }
    }
    throw new BadAnswerException("it answers with interim statuses only");
  }

  private Body body(
      Request request, Connection connection, int status, Headers headers, boolean keep)
      throws IOException {
    Runnable done = keep ? () -> giveBack(connection) : () -> drop(connection);
    boolean bodiless = request.method().equals("HEAD") || status == 204 || status == 304;
    if (!bodiless && headers.has("Transfer-Encoding", "chunked")) {
      return new Body.Chunked(connection, done);
    }
    long length = bodiless ? 0 : headers.contentLength();
    if (length < 0) {
      return new Body.UntilClosed(connection);
    }
    Body body = new Body.Fixed(connection, done, length);
    if (length == 0) {
      body.finish();
    }
    return body;
  }

  private synchronized Optional<Connection> takeIdle(Origin origin) {
    Deque<Idle> waiting = idle.getOrDefault(origin, new ArrayDeque<>());
    while (!waiting.isEmpty()) {
      Idle next = waiting.removeLast();
      if (System.nanoTime() - next.since() < LONGEST_IDLE && next.connection().isOpen()) {
        return Optional.of(next.connection());
      }
      drop(next.connection());
    }
    return Optional.empty();
  }

  private synchronized void giveBack(Connection connection) {
    Deque<Idle> waiting = idle.computeIfAbsent(connection.origin(), origin -> new ArrayDeque<>());
    if (closed
        || !connection.isOpen()
        || connection.buffered() > 0
        || waiting.size() >= MOST_IDLE) {
      drop(connection);
    } else {
      waiting.addLast(new Idle(connection, System.nanoTime()));
    }
  }

  private synchronized void register(Connection connection) throws IOException {
    if (closed) {
      connection.abort();
      throw new IOException("the engine is closed");
    }
    all.removeIf(other -> !other.isOpen());
    all.add(connection);
  }

  private synchronized void drop(Connection connection) {
    connection.abort();
    all.remove(connection);
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      List.copyOf(all).forEach(this::drop);
      idle.clear();
    }
    watch.close();
  }
}
