package dev.pinnace.internal.image.transfer;

import com.google.common.base.Throwables;
import dev.pinnace.error.CancelledException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Does the same to many things on several threads. The first failure, or an interrupt of the
 * caller, interrupts the others; it returns when all have ended.
 */
public final class SideBySide<T> {
  private final Queue<T> waiting;
  private final Work<T> work;
  private final BlockingQueue<End<T>> ends = new LinkedBlockingQueue<>();

  private SideBySide(Collection<T> things, Work<T> work) {
    this.waiting = new ConcurrentLinkedQueue<>(things);
    this.work = work;
  }

  /** What is done to a thing. */
  @FunctionalInterface
  public interface Work<T> {
    /** Does it. */
    void on(T thing) throws IOException;
  }

  private record End<T>(T thing, @Nullable Throwable failure) {}

  /**
   * Does it.
   *
   * @param doing what that is, to follow "interrupted while"
   * @param most how many threads work at most
   * @param then what the caller's thread does to each thing when {@code work} is done
   * @throws CancelledException if the thread is interrupted, or there are no more threads
   */
  public static <T> void run(
      String doing,
      Collection<T> things,
      int most,
      Executor threads,
      Work<T> work,
      Work<? super T> then)
      throws IOException {
    new SideBySide<>(things, work).run(doing, Math.min(most, things.size()), threads, then);
  }

  private void run(String doing, int most, Executor threads, Work<? super T> then)
      throws IOException {
    int all = waiting.size();
    List<Strand> strands = new ArrayList<>();
    try {
      for (int i = 0; i < most; i++) {
        strands.add(Strand.start(threads, this::work));
      }
      for (int i = 0; i < all; i++) {
        End<T> end = ends.take();
        if (end.failure() != null) {
          Throwables.throwIfInstanceOf(end.failure(), IOException.class);
          Throwables.throwIfUnchecked(end.failure());
        }
        then.on(end.thing());
      }
    } catch (InterruptedException interruption) {
      Thread.currentThread().interrupt();
      throw new CancelledException("interrupted while " + doing, interruption);
    } catch (RejectedExecutionException closed) {
      throw new CancelledException("the engine is closed", closed);
    } finally {
      waiting.clear();
      strands.forEach(Strand::interrupt);
      strands.forEach(Strand::join);
    }
  }

  private void work() {
    for (T next = waiting.poll(); next != null; next = waiting.poll()) {
      Throwable failure = null;
      try {
        work.on(next);
      } catch (IOException | RuntimeException | Error thrown) {
        failure = thrown;
        waiting.clear();
      }
      ends.add(new End<>(next, failure));
    }
  }
}
