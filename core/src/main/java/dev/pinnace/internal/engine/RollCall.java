package dev.pinnace.internal.engine;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.internal.waiting.Waits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * Asks many the same question side by side, with one time limit for all: who does not answer holds
 * the others up no longer than that.
 */
final class RollCall<Q, A> {
  private static final int MOST_AT_ONCE = 32;

  private final ExecutorService threads;
  private final Function<Q, A> question;
  private final Function<Q, A> unanswered;

  /**
   * Prepares a question.
   *
   * @param question may wait, and is interrupted when the time is up
   * @param unanswered what is said of those who did not answer in time; does not wait
   */
  RollCall(ExecutorService threads, Function<Q, A> question, Function<Q, A> unanswered) {
    this.threads = threads;
    this.question = question;
    this.unanswered = unanswered;
  }

  private record Call<Q, A>(Q asked, CompletableFuture<A> answer) {}

  /**
   * The answers, in the order of those who were asked.
   *
   * @throws CancelledException when interrupted; the flag stays set
   */
  List<A> answers(List<Q> asked, Duration limit) {
    List<Call<Q, A>> calls =
        asked.stream().map(one -> new Call<>(one, new CompletableFuture<A>())).toList();
    Queue<Call<Q, A>> left = new ConcurrentLinkedQueue<>(calls);
    List<Future<?>> askers = new ArrayList<>();
    try {
      for (int i = 0; i < Math.min(MOST_AT_ONCE, calls.size()); i++) {
        askers.add(threads.submit(() -> ask(left)));
      }
      long end = System.nanoTime() + Waits.nanos(limit);
      List<A> answers = new ArrayList<>();
      for (Call<Q, A> call : calls) {
        answers.add(answer(call, end));
      }
      return answers;
    } finally {
      left.clear();
      askers.forEach(asker -> asker.cancel(true));
    }
  }

  private void ask(Queue<Call<Q, A>> left) {
    for (Call<Q, A> call = left.poll(); call != null; call = left.poll()) {
      try {
        call.answer().complete(question.apply(call.asked()));
      } catch (RuntimeException | Error e) {
        call.answer().completeExceptionally(e);
      }
    }
  }

  private A answer(Call<Q, A> call, long end) {
    try {
      return call.answer().get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException late) {
      return unanswered.apply(call.asked());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancelledException("interrupted while asking what containers do", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw new PinnaceException("cannot ask: " + e.getCause(), e);
    }
  }
}
