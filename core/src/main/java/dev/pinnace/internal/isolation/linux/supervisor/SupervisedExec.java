package dev.pinnace.internal.isolation.linux.supervisor;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.TimedOutException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.Pipe;
import dev.pinnace.spec.Signal;
import dev.pinnace.spi.isolation.RunningExec;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An exec whose output comes through pipes of this JVM. When the connection to its container ends,
 * they are closed.
 */
public final class SupervisedExec implements RunningExec {
  private final SupervisedContainer container;
  private final int id;
  private final ExecOutput stdout;
  private final ExecOutput stderr;
  private final CompletableFuture<Integer> exit;
  private final AtomicBoolean asked = new AtomicBoolean();

  private SupervisedExec(
      EventLoop loop,
      SupervisedContainer container,
      SupervisorLink.ExecRequest request,
      Fd stdout,
      Fd stderr) {
    this.container = container;
    this.id = request.id();
    this.stdout = new ExecOutput(loop, stdout);
    this.stderr = new ExecOutput(loop, stderr);
    this.exit = request.exited().thenApply(frame -> frame.payload().getInt(0));
    CompletableFuture<?> unused =
        exit.whenComplete(
            (code, failure) -> {
              if (failure != null) {
                close();
              }
            });
  }

  /** Starts the exec of {@code plan}; returns when its program runs. */
  public static SupervisedExec start(
      EventLoop loop,
      SupervisedContainer container,
      Fd plan,
      @Nullable Fd stdin,
      Fd nothing,
      SupervisedContainer.Explanation explanation) {
    Pipe out = Pipe.open();
    Pipe err = Pipe.open();
    try {
      SupervisorLink.ExecRequest request =
          container.exec(plan, stdin == null ? nothing : stdin, out.writeEnd(), err.writeEnd());
      out.writeEnd().close();
      err.writeEnd().close();
      Frame answer = awaitStart(container, request);
      answer.closeDescriptors();
      if (answer.type() == Frame.ERROR) {
        throw explanation.explain(
            answer.payload().getInt(4), answer.payload().getInt(8), answer.payload().getInt(0));
      }
      return new SupervisedExec(loop, container, request, out.readEnd(), err.readEnd());
    } catch (RuntimeException e) {
      out.close();
      err.close();
      throw e;
    }
  }

  private static Frame awaitStart(
      SupervisedContainer container, SupervisorLink.ExecRequest request) {
    try {
      return Replies.await(request.started(), Replies.LIMIT, "the exec to start");
    } catch (CancelledException | TimedOutException e) {
      container.abandon(request);
      throw e;
    }
  }

  @Override
  public CompletableFuture<Integer> exit() {
    return exit;
  }

  @Override
  public void output(Consumer<byte[]> toStdout, Consumer<byte[]> toStderr, Executor executor) {
    if (!asked.compareAndSet(false, true)) {
      throw new IllegalStateException("the output of this exec is read already");
    }
    try {
      stdout.deliver(toStdout, executor);
      stderr.deliver(toStderr, executor);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  @Override
  public void signal(Signal signal) {
    container.signal(signal, id);
  }

  @Override
  public void close() {
    stdout.close();
    stderr.close();
  }
}
