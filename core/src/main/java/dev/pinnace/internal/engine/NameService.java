package dev.pinnace.internal.engine;

import dev.pinnace.internal.dns.HostServers;
import dev.pinnace.internal.dns.NameServer;
import dev.pinnace.internal.dns.Peers;
import dev.pinnace.internal.dns.Sockets;
import dev.pinnace.internal.network.Router;
import dev.pinnace.internal.network.RouterView;
import dev.pinnace.internal.waiting.Waits;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has names answered at the gateways of a root's networks: by the engine that has bound the port in
 * the router, until it closes or the router ends; others wait for that. One thread, while there is
 * a router. Thread-safe.
 */
final class NameService implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(NameService.class);
  private static final Path HOST_RESOLVER = Path.of("/etc/resolv.conf");

  /** So soon one takes over; whoever opens an engine for a moment leaves it to others. */
  private static final long NEXT_TRY_MILLIS = 1_000;

  /** So soon it is noticed that the router has ended, whose namespace the sockets keep. */
  private static final long TURN_MILLIS = 250;

  private static final long LAST_ANSWERS_MILLIS = 1_000;
  private static final Duration LAST_TURN = Duration.ofSeconds(5);

  private final Path run;
  private final String key;
  private final Peers peers;
  private final CountDownLatch closing = new CountDownLatch(1);
  private @Nullable CompletableFuture<Boolean> ended;
  private @Nullable Served served;

  /** Those that the thread is to close: none of another thread's is in use then. */
  private final List<Served> replaced = new ArrayList<>();

  private boolean gone;
  private boolean failed;
  private boolean closed;

  /**
   * Prepares it; nothing is done before there is a router.
   *
   * @param run where the router's door is
   * @param key of the engine, for the name of its thread
   */
  NameService(Path run, String key, Peers peers) {
    this.run = run;
    this.key = key;
    this.peers = peers;
  }

  /** A server in a router. */
  private static final class Served {
    private final RouterView router;
    private final NameServer server;
    private boolean closed;

    private Served(RouterView router, NameServer server) {
      this.router = router;
      this.server = server;
    }

    private boolean hasEnded() {
      return router.hasEnded();
    }

    private void close() {
      if (!closed) {
        closed = true;
        server.close();
        router.close();
      }
    }
  }

  /** Serves from now on, unless others do: whoever starts next finds the names answered. */
  synchronized void routerIsOpen() {
    if (closed) {
      return;
    }
    if (served != null && served.hasEnded()) {
      replaced.add(served);
      served.server.wakeUp();
      served = null;
    }
    if (served == null) {
      served = begin().orElse(null);
    }
    startThread();
  }

  /** Serves when others have not done so for a while, if there is a router. */
  synchronized void routerMayBeThere() {
    if (!closed && Router.isLeft(run)) {
      startThread();
    }
  }

  private void startThread() {
    if (ended == null) {
      gone = false;
      CompletableFuture<Boolean> end = new CompletableFuture<>();
      Thread thread = new Thread(null, () -> work(end), "pinnace-names-" + key, 0, false);
      thread.setDaemon(true);
      thread.setContextClassLoader(null);
      thread.start();
      ended = end;
    }
  }

  /** Empty where others serve, or there is no router any more. */
  private Optional<Served> begin() {
    try {
      Optional<RouterView> router = Router.view(run);
      gone = router.isEmpty();
      return router.map(this::begin);
    } catch (RuntimeException refusal) {
      if (refusal.getCause() instanceof BindException) {
        LOG.debug("others answer names, or cannot be told from such", refusal);
      } else {
        tell(refusal);
      }
      return Optional.empty();
    }
  }

  private Served begin(RouterView router) {
    Sockets sockets = null;
    try {
      sockets = router.inside(NameService::bind);
      return new Served(router, new NameServer(sockets, peers, new HostServers(HOST_RESOLVER)));
    } catch (IOException e) {
      throw closed(router, sockets, new UncheckedIOException(e));
    } catch (RuntimeException e) {
      throw closed(router, sockets, e);
    }
  }

  private static RuntimeException closed(
      RouterView router, @Nullable Sockets sockets, RuntimeException reason) {
    router.close();
    if (sockets != null) {
      sockets.close();
    }
    return reason;
  }

  private static Sockets bind() {
    try {
      return Sockets.bind(new InetSocketAddress("0.0.0.0", Sockets.PORT));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Once; it is tried again. */
  private synchronized void tell(Exception failure) {
    if (!failed) {
      failed = true;
      LOG.warn(
          "the names in networks are in their containers' hosts files only: {}",
          failure.getMessage());
    }
    LOG.debug("the cause", failure);
  }

  private void work(CompletableFuture<Boolean> end) {
    try {
      while (!isOver()) {
        closeReplaced();
        Served serving = current();
        if (serving != null) {
          serve(serving);
        } else if (!closing.await(NEXT_TRY_MILLIS, TimeUnit.MILLISECONDS)) {
          tryAgain();
        }
      }
    } catch (InterruptedException e) {
      LOG.debug("nobody interrupts this thread", e);
    } finally {
      end(end);
    }
  }

  /** However the thread ends, the next router has another one. */
  private synchronized void end(CompletableFuture<Boolean> end) {
    closeReplaced();
    if (end == ended) { // else another one is at work already
      ended = null;
      if (served != null) {
        served.close();
        served = null;
      }
    }
    end.complete(true);
  }

  private synchronized void closeReplaced() {
    replaced.forEach(Served::close);
    replaced.clear();
  }

  /** Whether there is nothing to do any more for this thread. */
  private synchronized boolean isOver() {
    if (!closed && served == null && gone) {
      ended = null;
      return true;
    }
    return closed && served == null;
  }

  private synchronized @Nullable Served current() {
    return served;
  }

  private synchronized void tryAgain() {
    if (!closed && served == null) {
      served = begin().orElse(null);
    }
  }

  /** Until it has ended, or another one has its place. */
  private void serve(Served serving) {
    try {
      while (isWanted(serving)) {
        serving.server.turn(TURN_MILLIS);
      }
      if (closing.getCount() == 0) {
        serving.server.finish(LAST_ANSWERS_MILLIS);
      }
    } catch (IOException | RuntimeException e) {
      tell(e);
    } finally {
      drop(serving); // first: others ask those that are served whether they have ended
      serving.close();
    }
  }

  private synchronized boolean isWanted(Served serving) {
    return !closed && serving.equals(served) && !serving.hasEnded();
  }

  private synchronized void drop(Served serving) {
    if (serving.equals(served)) {
      served = null;
    }
  }

  /** Answers what has been asked, and leaves the rest to others. */
  @Override
  public void close() {
    CompletableFuture<Boolean> end;
    synchronized (this) {
      closed = true;
      closing.countDown();
      if (served != null) {
        served.server.wakeUp();
      }
      end = ended;
    }
    if (end != null && !Waits.settle(end, LAST_TURN)) {
      LOG.debug("the name server is still busy");
    }
  }
}
