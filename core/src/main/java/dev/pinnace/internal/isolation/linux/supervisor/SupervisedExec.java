package dev.pinnace.internal.isolation.linux.supervisor;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.TimedOutException;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.Pipe;
import dev.pinnace.spec.Signal;
import dev.pinnace.spi.isolation.RunningExec;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** An exec whose output comes through pipes of this JVM. */
public final class SupervisedExec implements RunningExec {
  private static final int CHUNK = 64 * 1024;

  /** So many pieces at most before it is others' turn. */
  private static final int TURN = 16;

  private static final byte[] END = {};

  private final EventLoop loop;
  private final SupervisedContainer container;
  private final int id;
  private final Fd stdout;
  private final Fd stderr;
  private final CompletableFuture<Integer> exit;

  private SupervisedExec(
      EventLoop loop,
      SupervisedContainer container,
      SupervisorLink.ExecRequest request,
      Fd stdout,
      Fd stderr) {
    this.loop = loop;
    this.container = container;
    this.id = request.id();
    this.stdout = stdout;
    this.stderr = stderr;
    this.exit = request.exited().thenApply(frame -> frame.payload().getInt(0));
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
    deliver(stdout, toStdout, executor);
    deliver(stderr, toStderr, executor);
  }

  private void deliver(Fd from, Consumer<byte[]> to, Executor executor) {
    from.blocking(false);
    watch(from, to, executor);
  }

  /**
   * While a consumer works on a piece nothing more is read from its stream: the pipe fills, and the
   * writer waits.
   */
  private void watch(Fd from, Consumer<byte[]> to, Executor executor) {
    loop.watch(
        from,
        watch -> {
          watch.end();
          try {
            executor.execute(() -> drain(from, to, executor));
          } catch (RejectedExecutionException closed) {
            giveUp(from, to);
          }
        },
        lost -> giveUp(from, to));
  }

  private void drain(Fd from, Consumer<byte[]> to, Executor executor) {
    byte[] chunk = new byte[CHUNK];
    try {
      for (int turn = 0; turn < TURN; turn++) {
        int count = from.read(chunk, 0, chunk.length);
        if (count == 0) {
          from.close();
          to.accept(END);
          return;
        }
        to.accept(Arrays.copyOf(chunk, count));
      }
      watch(from, to, executor);
    } catch (ErrnoException e) {
      if (!e.is(Errno.EAGAIN)) {
        giveUp(from, to);
        throw e;
      }
      watch(from, to, executor);
    } catch (RuntimeException | Error e) {
      giveUp(from, to);
      throw e;
    }
  }

  /** The writer gets EPIPE, and whoever waits for the end of the stream is told. */
  private static void giveUp(Fd from, Consumer<byte[]> to) {
    from.close();
    to.accept(END);
  }

  @Override
  public void signal(Signal signal) {
    container.signal(signal, id);
  }
}
