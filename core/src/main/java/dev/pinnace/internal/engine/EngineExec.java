package dev.pinnace.internal.engine;

import dev.pinnace.Exec;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.internal.waiting.Waits;
import dev.pinnace.spec.Signal;
import dev.pinnace.spec.TerminalSize;
import dev.pinnace.spi.isolation.RunningExec;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;

/** A further program as its caller has it. Thread-safe. */
final class EngineExec implements Exec {
  private final RunningExec exec;
  private final CompletableFuture<Void> output;
  private final ConsumerFailure own;
  private final boolean terminal;
  private final BooleanSupplier leave;
  private final CompletableFuture<Void> left = new CompletableFuture<>();

  /**
   * @param output completes when all of it was handed on, or exceptionally when a consumer fails
   * @param leave has somebody else hold its terminal and tell its end; false where it has ended
   */
  EngineExec(
      RunningExec exec,
      CompletableFuture<Void> output,
      ConsumerFailure own,
      boolean terminal,
      BooleanSupplier leave) {
    this.exec = exec;
    this.output = output;
    this.own = own;
    this.terminal = terminal;
    this.leave = leave;
  }

  @Override
  public void resize(TerminalSize size) {
    Objects.requireNonNull(size, "size");
    exec.resize(size);
  }

  @Override
  public void kill(Signal signal) {
    Objects.requireNonNull(signal, "signal");
    exec.signal(signal);
  }

  @Override
  public int await() {
    Waits.await(CompletableFuture.anyOf(exec.exit(), left), Waits.FOREVER, "the program to end");
    if (left.isDone()) {
      throw new ConflictException("the program was detached, and nobody here knows how it ends");
    }
    int code = exec.exit().join();
    return own.unwrapped(
        () -> {
          Waits.await(output, Waits.FOREVER, "the output of a program that has ended");
          return code;
        });
  }

  @Override
  public synchronized void detach() {
    if (!terminal) {
      throw new InvalidSpecException(
          "a program without a terminal cannot be detached: its pipes end here; use"
              + " executeDetached, or a terminal");
    }
    if (left.isDone() || exec.exit().isDone()) {
      return;
    }
    if (leave.getAsBoolean()) {
      left.complete(null);
      exec.close();
    }
  }

  @Override
  public void close() {
    exec.close();
  }
}
