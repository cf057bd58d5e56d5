package dev.pinnace.internal.image.pull;

import dev.pinnace.event.TransferProgress;
import dev.pinnace.event.TransferProgress.Phase;
import dev.pinnace.oci.Descriptor;
import dev.pinnace.spec.Digest;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How far each blob of a transfer is. Whoever works writes it down and goes on; one thread shows
 * the latest of each blob to the listener, which may take its time: what it misses is replaced by
 * what is newer. Thread-safe.
 */
public final class ProgressBoard implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ProgressBoard.class);
  private static final Duration PAUSE = Duration.ofMillis(100);

  private final Map<Digest, Line> lines = new ConcurrentHashMap<>();
  private final Optional<Consumer<? super TransferProgress>> listener;
  private final Map<Digest, TransferProgress> news = new LinkedHashMap<>();
  private boolean closed;

  private ProgressBoard(Optional<Consumer<? super TransferProgress>> listener) {
    this.listener = listener;
  }

  /** Begins to show progress, where there is somebody to show it to. */
  public static ProgressBoard open(
      Optional<Consumer<? super TransferProgress>> listener, Executor threads) {
    ProgressBoard board = new ProgressBoard(listener);
    listener.ifPresent(shown -> threads.execute(() -> board.show(shown)));
    return board;
  }

  /** The line of a blob that waits for its turn; one that several layers share is shown once. */
  public Line line(Descriptor blob) {
    return lines.computeIfAbsent(blob.digest(), digest -> new Line(blob, Phase.WAITING, 0));
  }

  /** The line of a blob of which nothing is left to do. */
  public Line existing(Descriptor blob) {
    return lines.computeIfAbsent(
        blob.digest(), digest -> new Line(blob, Phase.EXISTS, blob.size()));
  }

  /** Shows a blob that is not transferred at all. */
  public void skipped(Descriptor blob) {
    lines.computeIfAbsent(blob.digest(), digest -> new Line(blob, Phase.SKIPPED, 0));
  }

  /** One blob's. */
  public final class Line {
    private final Descriptor blob;
    private Phase phase;

    private Line(Descriptor blob, Phase first, long bytes) {
      this.blob = blob;
      this.phase = first;
      post(new TransferProgress(blob.digest(), first, bytes, blob.size()));
    }

    /** Says what is being done, and how many bytes of the blob are through. */
    public synchronized void is(Phase now, long bytes) {
      phase = now;
      post(new TransferProgress(blob.digest(), now, bytes, blob.size()));
    }

    /** Says how many bytes have come. */
    public synchronized void received(long bytes) {
      is(bytes < blob.size() ? Phase.DOWNLOADING : Phase.UNPACKING, bytes);
    }

    /** Says that it is there, unless it was before. */
    public synchronized void done() {
      if (phase != Phase.EXISTS) {
        is(Phase.DONE, blob.size());
      }
    }
  }

  private synchronized void post(TransferProgress progress) {
    if (listener.isPresent()) {
      news.put(progress.blob(), progress);
      notifyAll();
    }
  }

  private void show(Consumer<? super TransferProgress> shown) {
    try {
      for (Map<Digest, TransferProgress> next = next(); !next.isEmpty(); next = next()) {
        next.values().forEach(shown);
        pause();
      }
    } catch (InterruptedException end) {
      LOG.debug("the engine closes before its listener has seen everything", end);
    } catch (RuntimeException | Error failure) {
      LOG.warn("the listener of a transfer failed and hears no more of it", failure);
    }
  }

  /** What changed since the last time; empty at the end. */
  private synchronized Map<Digest, TransferProgress> next() throws InterruptedException {
    while (news.isEmpty() && !closed) {
      wait();
    }
    Map<Digest, TransferProgress> next = new LinkedHashMap<>(news);
    news.clear();
    return next;
  }

  /** At the end nothing is left to wait for. */
  private synchronized void pause() throws InterruptedException {
    long end = System.nanoTime() + PAUSE.toNanos();
    for (long left = PAUSE.toMillis(); left > 0 && !closed; ) {
      wait(left);
      left = (end - System.nanoTime()) / 1_000_000;
    }
  }

  /** Says that nothing more comes; the listener still gets the last of each. Does not wait. */
  @Override
  public synchronized void close() {
    closed = true;
    notifyAll();
  }
}
