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
 * the others up no longer than that. When all who are being asked are silent, more are asked
 * meanwhile, however many those are.
 */
final class RollCall<Q, A> {
  private static final int AT_ONCE = 32;

  /** After so long without a change there are as many more threads that ask. */
  private static final long SILENCE_NANOS = 100_000_000;

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
    Queue<Call<Q, A>> unasked = new ConcurrentLinkedQueue<>(calls);
    List<Future<?>> askers = new ArrayList<>();
    try {
      long end = System.nanoTime() + Waits.nanos(limit);
      addAskers(unasked, askers);
      List<A> answers = new ArrayList<>();
      for (Call<Q, A> call : calls) {
        answers.add(answer(call, end, unasked, askers));
      }
      return answers;
    } finally {
      unasked.clear();
      askers.forEach(asker -> asker.cancel(true));
    }
  }

  private void addAskers(Queue<Call<Q, A>> unasked, List<Future<?>> askers) {
    for (int i = Math.min(AT_ONCE, unasked.size()); i > 0; i--) {
      askers.add(threads.submit(() -> ask(unasked)));
    }
  }

  private void ask(Queue<Call<Q, A>> unasked) {
    for (Call<Q, A> call = unasked.poll(); call != null; call = unasked.poll()) {
      try {
        call.answer().complete(question.apply(call.asked()));
      } catch (RuntimeException | Error e) {
        call.answer().completeExceptionally(e);
      }
    }
  }

  private A answer(Call<Q, A> call, long end, Queue<Call<Q, A>> unasked, List<Future<?>> askers) {
    while (true) {
      int before = unasked.size();
      long patience = Math.max(0, end - System.nanoTime());
      try {
        return call.answer().get(Math.min(SILENCE_NANOS, patience), TimeUnit.NANOSECONDS);
      } catch (TimeoutException late) {
        if (patience <= SILENCE_NANOS) {
          return unanswered.apply(call.asked());
        }
        if (unasked.size() == before) {
          addAskers(unasked, askers);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CancelledException("interrupted while asking what containers do", e);
      } catch (ExecutionException e) {
        throw failure(e);
      }
    }
  }

  private static RuntimeException failure(ExecutionException e) {
    if (e.getCause() instanceof Error error) {
      throw error;
    }
    return e.getCause() instanceof RuntimeException failure
        ? failure
        : new PinnaceException("cannot ask: " + e.getCause(), e);
  }
}
