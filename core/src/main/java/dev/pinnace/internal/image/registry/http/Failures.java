package dev.pinnace.internal.image.registry.http;

import dev.pinnace.error.Printable;
import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.ProtocolException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;

/** What {@link java.net.http.HttpClient} fails with, by kinds that tell whether to try again. */
final class Failures {
  private static final int LONGEST = 200;
  private static final Pattern TUNNEL_FAILED = Pattern.compile("Tunnel failed, got: ([0-9]{3})");

  private Failures() {}

  /** A time for people. */
  static String seconds(Duration time) {
    return time.toMillis() % 1000 == 0 ? time.toSeconds() + " s" : time.toMillis() + " ms";
  }

  /** Why there is no answer. */
  static IOException of(Request request, Throwable thrown) {
    Origin origin = Origin.of(request.target());
    if (find(thrown, UnresolvedAddressException.class).isPresent()
        || find(thrown, UnknownHostException.class).isPresent()) {
      return because(
          new UnknownHostException(
              "there is no host \"" + origin.host() + "\" in the name service"),
          thrown);
    }
    if (find(thrown, HttpConnectTimeoutException.class).isPresent()) {
      return because(
          new SocketTimeoutException("no connection to " + origin.authority() + " in time"),
          thrown);
    }
    Optional<TunnelRefusedException> tunnel = tunnel(thrown);
    if (tunnel.isPresent()) {
      return tunnel.get();
    }
    Optional<ConnectException> refused = find(thrown, ConnectException.class);
    if (refused.isPresent()) {
      return refused.get().getMessage() == null
          ? because(new ConnectException("Connection refused"), thrown)
          : refused.get();
    }
    return ofBody(thrown);
  }

  /** The JDK has no type of its own for it. */
  private static Optional<TunnelRefusedException> tunnel(Throwable thrown) {
    Optional<TunnelRefusedException> known = find(thrown, TunnelRefusedException.class);
    if (known.isPresent()) {
      return known;
    }
    return find(thrown, IOException.class)
        .map(failure -> TUNNEL_FAILED.matcher(String.valueOf(failure.getMessage())))
        .filter(Matcher::matches)
        .map(said -> because(new TunnelRefusedException(Integer.parseInt(said.group(1))), thrown));
  }

  /** Why no more of an answer comes. */
  static IOException ofBody(Throwable thrown) {
    Optional<SSLException> tls = find(thrown, SSLException.class);
    if (tls.isPresent()) {
      return tls.get();
    }
    Optional<ProtocolException> odd = find(thrown, ProtocolException.class);
    if (odd.isPresent() || find(thrown, IllegalArgumentException.class).isPresent()) {
      return because(new BadAnswerException(deepest(thrown)), thrown);
    }
    if (find(thrown, EOFException.class).isPresent()) {
      return because(new EOFException("it closed the connection"), thrown);
    }
    Optional<SocketException> broken = find(thrown, SocketException.class);
    if (broken.isPresent()) {
      return broken.get();
    }
    return find(thrown, IOException.class).orElseGet(() -> new IOException(thrown));
  }

  /**
   * Whether the other side has answered a handshake with something that is no TLS at all. The JDK
   * has no type of its own for that, only "Unrecognized SSL message, plaintext connection?" and
   * "Unsupported or unrecognized SSL message".
   */
  static boolean isPlaintext(IOException failure) {
    return failure instanceof SSLException
        && String.valueOf(failure.getMessage()).contains("nrecognized SSL message");
  }

  /** What another side sent may stand in it, and ends up on terminals. */
  private static String deepest(Throwable thrown) {
    Throwable deepest = thrown;
    while (deepest.getCause() != null) {
      deepest = deepest.getCause();
    }
    String said = Printable.line(String.valueOf(deepest.getMessage()));
    return said.length() > LONGEST ? said.substring(0, LONGEST) + "..." : said;
  }

  private static <T extends Throwable> Optional<T> find(Throwable thrown, Class<T> kind) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (kind.isInstance(cause)) {
        return Optional.of(kind.cast(cause));
      }
    }
    return Optional.empty();
  }

  private static <T extends IOException> T because(T failure, Throwable cause) {
    failure.initCause(cause);
    return failure;
  }
}
