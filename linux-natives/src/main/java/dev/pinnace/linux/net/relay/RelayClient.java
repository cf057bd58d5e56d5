package dev.pinnace.linux.net.relay;

import dev.pinnace.linux.Epoll;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.net.UnixSocket;
import dev.pinnace.linux.process.Pidfd;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * A connection to a relay. Each request waits for its answer, a matter of microseconds, and for at
 * most ten seconds: a relay that does not answer is stopped. Thread-safe; one request at a time.
 *
 * <p>A refusal is an {@link ErrnoException} that names the request. EAGAIN: a table of the relay is
 * full. ENOSYS: the relay is of an older Pinnace, which does not know the request. ECONNRESET or
 * EPIPE: the relay has ended. ETIMEDOUT: it does not answer.
 */
public final class RelayClient implements AutoCloseable {
  private static final int VERSION = 1;
  private static final int PATIENCE_MILLIS = 10_000;

  private final UnixSocket socket;
  private final Epoll epoll = new Epoll();
  private int lastId;

  RelayClient(UnixSocket socket) {
    this.socket = socket;
    epoll.add(socket.fd(), 0);
  }

  /**
   * Connects to the relay that listens at {@code path}.
   *
   * @throws ErrnoException ECONNREFUSED or ENOENT: there is none any more; EACCES: it is another
   *     user's; EUSERS: it has as many clients as it may
   */
  public static RelayClient connect(String path) {
    RelayClient client = new RelayClient(UnixSocket.connect(path));
    try {
      client.request("HELLO", RelayFrame.HELLO, RelayFrame.words(VERSION)).drop();
      return client;
    } catch (RuntimeException refusal) {
      client.close();
      throw refusal;
    }
  }

  /** The relay lives until this connection ends, and longer if others hold it too. */
  public void hold() {
    request("HOLD", RelayFrame.HOLD, new byte[0]).drop();
  }

  /**
   * The relay lives until {@code process} has ended.
   *
   * @throws ErrnoException EBADF: it is no process's descriptor; ESRCH: it has been reaped
   */
  public void hold(Pidfd process) {
    request("HOLD " + process.fd(), RelayFrame.HOLD, new byte[0], process.fd()).drop();
  }

  /** The router's network namespace; the caller closes the descriptor, which keeps it alive. */
  public Fd networkNamespace() {
    RelayFrame answer = request("NAMESPACE", RelayFrame.NAMESPACE, new byte[0]);
    answer.descriptors().stream().skip(1).forEach(Fd::close);
    return first(answer, "NAMESPACE");
  }

  /** The user namespace that owns the router's, where the relay was started with one. */
  public Optional<Fd> userNamespace() {
    RelayFrame answer = request("NAMESPACE", RelayFrame.NAMESPACE, new byte[0]);
    answer.descriptors().stream().limit(1).forEach(Fd::close);
    return answer.descriptors().stream().skip(1).findFirst();
  }

  /** A socket made in the router's namespace, by whoever may do that there: socket(2). */
  public Fd socket(int domain, int type, int protocol) {
    String what = "SOCKET " + domain + ", " + type + ", " + protocol;
    return first(request(what, RelayFrame.SOCKET, RelayFrame.words(domain, type, protocol)), what);
  }

  /**
   * Has what comes to {@code listening} carried to {@code target} in the router, until {@code
   * owner} has ended; then all its connections are reset.
   *
   * @param listening a TCP socket that listens, or a UDP socket that is bound; the relay has a copy
   * @param target empty: what comes is reset until there is one
   * @throws ErrnoException EINVAL: it does not listen; EAFNOSUPPORT, EPROTOTYPE or ENOTSOCK: it is
   *     nothing of the kind; ESRCH: the owner has been reaped
   */
  public Publication publish(Fd listening, Optional<InetSocketAddress> target, Pidfd owner) {
    byte[] payload = RelayFrame.words(place(target), 0);
    return publication(
        request("PUBLISH " + listening, RelayFrame.PUBLISH, payload, listening, owner.fd()));
  }

  /**
   * Has what comes to {@code listening}, a socket in the router, dialled from the host: where a
   * connection arrives is where it goes. Destinations on the host's loopback, link-local ones and
   * such are refused. It ends as a publication does.
   *
   * @param gateway the one address that means the host: its loopback is dialled instead. Whoever
   *     reaches it reaches every port that listens there; without it none does
   */
  public Publication outbound(Fd listening, Optional<InetAddress> gateway, Pidfd owner) {
    RelayFrame.Place place =
        gateway.map(host -> new RelayFrame.Place(host, 0)).orElse(RelayFrame.Place.NONE);
    byte[] payload = RelayFrame.words(place, gateway.isPresent() ? 1 : 0);
    return publication(
        request("OUTBOUND " + listening, RelayFrame.OUTBOUND, payload, listening, owner.fd()));
  }

  /** Ends a publication, and resets its connections; ESRCH where it has ended. */
  public void unpublish(Publication publication) {
    String what = "UNPUBLISH " + publication.id();
    request(what, RelayFrame.UNPUBLISH, RelayFrame.words(publication.id())).drop();
  }

  /**
   * Leads what comes from now on to another target; datagrams of earlier senders as well.
   *
   * @param reset whether connections to the former target are reset; else they stay
   */
  public void retarget(Publication publication, Optional<InetSocketAddress> target, boolean reset) {
    String what = "RETARGET " + publication.id() + target.map(to -> " " + to).orElse("");
    byte[] payload = RelayFrame.words(place(target), publication.id(), reset ? 1 : 0);
    request(what, RelayFrame.RETARGET, payload).drop();
  }

  /** What it has, and has done. */
  public RelayState state() {
    RelayFrame answer = request("STATE", RelayFrame.STATE, new byte[0]);
    answer.drop();
    return RelayState.of(answer.payload());
  }

  /** Whether the relay has gone, without asking it. */
  public synchronized boolean hasEnded() {
    return epoll.await(0).stream().anyMatch(event -> (event.what() & Epoll.HANGUP) != 0);
  }

  private static RelayFrame.Place place(Optional<InetSocketAddress> target) {
    return target.map(RelayFrame.Place::of).orElse(RelayFrame.Place.NONE);
  }

  private static Publication publication(RelayFrame answer) {
    answer.drop();
    return new Publication(answer.word(0));
  }

  private static Fd first(RelayFrame answer, String what) {
    return answer.descriptors().stream()
        .findFirst()
        .orElseThrow(() -> new ErrnoException("relay", Errno.EPROTO, what));
  }

  /** The answer, which is no error. */
  synchronized RelayFrame request(String what, int type, byte[] payload, Fd... descriptors) {
    int id = ++lastId;
    send(what, RelayFrame.encode(type, id, payload), descriptors);
    while (true) {
      RelayFrame frame = next(what);
      boolean turnedAway = frame.type() == RelayFrame.ERROR && frame.id() == 0;
      if (frame.id() != id && !turnedAway) {
        frame.drop(); // the answer to a request that was given up
        continue;
      }
      if (frame.type() == RelayFrame.ERROR) {
        frame.drop();
        throw new ErrnoException("relay", frame.word(0), what);
      }
      return frame;
    }
  }

  /** Where the relay has hung up already, it may have said why. */
  private void send(String what, byte[] frame, Fd... descriptors) {
    try {
      socket.send(frame, descriptors);
    } catch (ErrnoException refusal) {
      if (!refusal.is(Errno.EPIPE)) {
        throw refusal;
      }
      while (true) {
        RelayFrame last = next(what);
        last.drop();
        if (last.type() == RelayFrame.ERROR && last.id() == 0) {
          throw new ErrnoException("relay", last.word(0), what);
        }
      }
    }
  }

  /** The next frame, whatever it is. */
  synchronized RelayFrame next(String what) {
    Optional<UnixSocket.Message> message = socket.receive();
    for (long end = System.nanoTime() + PATIENCE_MILLIS * 1_000_000L; message.isEmpty(); ) {
      long left = (end - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        throw new ErrnoException("relay", Errno.ETIMEDOUT, what);
      }
      epoll.await((int) left);
      message = socket.receive();
    }
    return RelayFrame.of(message.get());
  }

  /** Ends the connection; what it has published goes on. */
  @Override
  public void close() {
    epoll.close();
    socket.close();
  }
}
