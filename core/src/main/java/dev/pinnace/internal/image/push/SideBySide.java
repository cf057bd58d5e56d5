package dev.pinnace.internal.image.push;

import dev.pinnace.error.CancelledException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Does the same to many things on several threads. The first failure, or an interrupt of the
 * caller, interrupts the others; it returns when all have ended.
 */
final class SideBySide<T> {
  private final List<T> things;
  private final Consumer<T> work;
  private final AtomicInteger next = new AtomicInteger();
  private final List<Thread> running = new ArrayList<>();
  private final CountDownLatch ended;
  private final int threads;
  private @Nullable Throwable failure;
  private boolean over;

  private SideBySide(Collection<T> things, int most, Consumer<T> work) {
    this.things = List.copyOf(things);
    this.work = work;
    this.threads = Math.min(most, this.things.size());
    this.ended = new CountDownLatch(threads);
  }

  static <T> void run(Collection<T> things, int most, Executor executor, Consumer<T> work) {
    new SideBySide<>(things, most, work).run(executor);
  }

  private void run(Executor executor) {
    begin(executor);
    boolean interrupted = false;
    while (true) {
      try {
        ended.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
        end(new CancelledException("interrupted", e));
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    throwFailure();
  }

  private void begin(Executor executor) {
    int begun = 0;
    try {
      for (; begun < threads; begun++) {
        executor.execute(this::loop);
      }
    } catch (RejectedExecutionException closed) {
      end(new CancelledException("the engine is closed", closed));
      for (int i = begun; i < threads; i++) {
        ended.countDown();
      }
    }
  }

  private synchronized void throwFailure() {
    if (failure instanceof RuntimeException exception) {
      throw exception;
    }
    if (failure instanceof Error error) {
      throw error;
    }
  }

  private void loop() {
    try {
      if (begin()) {
        for (int i = next.getAndIncrement(); i < things.size(); i = next.getAndIncrement()) {
          work.accept(things.get(i));
        }
      }
    } catch (RuntimeException | Error e) {
      end(e);
    } finally {
      leave();
      ended.countDown();
    }
  }

  private synchronized boolean begin() {
    running.add(Thread.currentThread());
    return !over;
  }

  /** After this nobody interrupts the thread, which others use next. */
  private synchronized void leave() {
    running.remove(Thread.currentThread());
    boolean unused = Thread.interrupted();
  }

  private synchronized void end(Throwable why) {
    if (!over) {
      over = true;
      failure = why;
      next.set(things.size());
      running.forEach(Thread::interrupt);
    }
  }
}
