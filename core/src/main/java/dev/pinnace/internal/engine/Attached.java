package dev.pinnace.internal.engine;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.ConflictException;
import dev.pinnace.internal.container.OutputReader;
import dev.pinnace.spec.Signal;
import dev.pinnace.spi.isolation.ExitRecord;
import dev.pinnace.spi.isolation.RunningContainer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;

/** Hands a container's output on for as long as it runs, on the caller's thread. */
final class Attached {
  private Attached() {}

  /** Returns when the container has ended and all of its output was handed on. */
  static Optional<ExitRecord> handOn(RunningContainer container, OutputReader output) {
    Semaphore news = new Semaphore(1);
    CompletionStage<?> unused =
        container
            .exit()
            .handle(
                (exit, failure) -> {
                  news.release();
                  return exit;
                });
    try (output;
        AutoCloseable following = follow(container, news)) {
      boolean ended;
      do {
        news.acquire();
        news.drainPermits();
        ended = container.exit().isDone();
        output.more();
      } while (!ended);
      return container.exit().join();
    } catch (InterruptedException e) {
      container.stop(Optional.of(Signal.KILL), Optional.of(Duration.ZERO));
      Thread.currentThread().interrupt();
      throw new CancelledException("interrupted while a container ran; it was killed", e);
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException("cannot end the subscription to a container's output", e);
    }
  }

  private static AutoCloseable follow(RunningContainer container, Semaphore news) {
    try {
      return container.follow(size -> news.release());
    } catch (ConflictException ended) {
      return () -> {};
    }
  }
}
