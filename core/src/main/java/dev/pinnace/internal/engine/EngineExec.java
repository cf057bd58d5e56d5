package dev.pinnace.internal.engine;

import dev.pinnace.Exec;
import dev.pinnace.internal.waiting.Waits;
import dev.pinnace.spec.Signal;
import dev.pinnace.spec.TerminalSize;
import dev.pinnace.spi.isolation.RunningExec;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

/** A further program as its caller has it. Thread-safe. */
final class EngineExec implements Exec {
  private final RunningExec exec;
  private final CompletableFuture<Void> output;
  private final ConsumerFailure own;

  /**
   * @param output completes when all of it was handed on, or exceptionally when a consumer fails
   */
  EngineExec(RunningExec exec, CompletableFuture<Void> output, ConsumerFailure own) {
    this.exec = exec;
    this.output = output;
    this.own = own;
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
    int code = Waits.await(exec.exit(), Waits.FOREVER, "the program to end");
    return own.unwrapped(
        () -> {
          Waits.await(output, Waits.FOREVER, "the output of a program that has ended");
          return code;
        });
  }

  @Override
  public void close() {
    exec.close();
  }
}
