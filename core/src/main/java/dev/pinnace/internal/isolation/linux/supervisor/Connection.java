package dev.pinnace.internal.isolation.linux.supervisor;

import dev.pinnace.error.PinnaceException;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.net.UnixSocket;
import dev.pinnace.spi.isolation.ContainerPlace;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * A client's connection to a supervisor, made anew when it was cut: that is what a supervisor does
 * to a client that does not read, and goes on. Thread-safe.
 */
final class Connection implements AutoCloseable {
  private final EventLoop loop;
  private final Supplier<UnixSocket> again;
  private final Listener listener;
  private final AtomicInteger ids = new AtomicInteger();
  private volatile SupervisorLink link;
  private boolean closed;

  /** Hears what nobody asked for; on the polling thread. */
  interface Listener {
    /** A frame came that answers nothing; the listener owns its descriptors. */
    void unasked(Frame frame);

    /** The supervisor has closed its end. */
    void cut();

    /** Something that the supervisor has said is lost; it is heard further on. */
    void missed(PinnaceException reason);

    /** Nothing can be received any more. */
    void lost(PinnaceException failure);

    /** A new link has taken the place of one that was cut; on whichever thread asked for it. */
    void renewed(SupervisorLink fresh);
  }

  /**
   * Takes over a connected socket; nothing is received before {@link #begin}.
   *
   * @param again connects to the same supervisor once more
   */
  Connection(EventLoop loop, UnixSocket socket, Supplier<UnixSocket> again, Listener listener) {
    this.loop = loop;
    this.again = again;
    this.listener = listener;
    this.link = link(socket);
  }

  private SupervisorLink link(UnixSocket socket) {
    return new SupervisorLink(
        loop, socket, ids, listener::unasked, listener::cut, listener::missed, listener::lost);
  }

  /** Connects to the supervisor of the container at {@code place}. */
  static UnixSocket connect(ContainerPlace place) {
    // A path of any length, for a socket's own may have 107 bytes only.
    try (Dir run = Dir.open(place.runDirectory())) {
      return UnixSocket.connect(run.path() + "/sock");
    }
  }

  /** Begins to receive, and to be told of the container's end. */
  void begin() {
    begin(link);
  }

  private static void begin(SupervisorLink link) {
    CompletableFuture<?> unused = link.request(Frame.WAIT, new int[0]);
    try {
      link.listen();
    } catch (RuntimeException e) {
      link.close();
      throw e;
    }
  }

  /** The present link, which may have been cut. */
  SupervisorLink link() {
    return link;
  }

  /**
   * The present link, or where it was cut a new one.
   *
   * @throws ErrnoException ECONNREFUSED or ENOENT when the supervisor is gone
   */
  synchronized SupervisorLink renewed() {
    if (link.isClosed() && !closed) {
      SupervisorLink fresh = link(again.get());
      begin(fresh);
      link = fresh;
      listener.renewed(fresh);
    }
    return link;
  }

  @Override
  public synchronized void close() {
    closed = true;
    link.close();
  }
}
