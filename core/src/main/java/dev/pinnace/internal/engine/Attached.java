package dev.pinnace.internal.engine;

import dev.pinnace.error.CancelledException;
import dev.pinnace.internal.waiting.Waits;
import dev.pinnace.spi.isolation.ExitRecord;
import dev.pinnace.spi.isolation.RunningContainer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Hands a container's output on for as long as it runs, on the caller's thread. There are never
 * more than two pieces at once: a container that is faster than its reader waits.
 */
final class Attached {
  private final BlockingQueue<Runnable> turns = new LinkedBlockingQueue<>();
  private final AtomicInteger streams = new AtomicInteger(2);

  private Attached() {}

  /**
   * Returns when the container has ended and all of its output was handed on.
   *
   * @param container just started attached
   */
  static Optional<ExitRecord> handOn(
      RunningContainer container, Consumer<byte[]> stdout, Consumer<byte[]> stderr) {
    return new Attached().toTheEnd(container, stdout, stderr);
  }

  @SuppressWarnings("try") // the output is handed on for as long as the block lasts
  private Optional<ExitRecord> toTheEnd(
      RunningContainer container, Consumer<byte[]> stdout, Consumer<byte[]> stderr) {
    try (AutoCloseable output = container.output(counting(stdout), counting(stderr), turns::add)) {
      CompletionStage<?> unused = container.exit().whenComplete((exit, failure) -> wakeUp());
      while (streams.get() > 0 || !container.exit().isDone()) {
        turns.take().run();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Endings.killed(
          container, new CancelledException("interrupted while a container ran; it was killed", e));
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException("cannot give up a container's output", e);
    }
    return Waits.await(container.exit(), Duration.ZERO, "the container's end");
  }

  private Consumer<byte[]> counting(Consumer<byte[]> consumer) {
    return piece -> {
      if (piece.length == 0) {
        streams.decrementAndGet();
        wakeUp();
      } else {
        consumer.accept(piece);
      }
    };
  }

  /** Lets the caller look again whether all is over. */
  private void wakeUp() {
    turns.add(() -> {});
  }
}
