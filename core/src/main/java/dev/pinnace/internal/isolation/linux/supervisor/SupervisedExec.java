package dev.pinnace.internal.isolation.linux.supervisor;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.TimedOutException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.internal.waiting.Waits;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.file.Memfd;
import dev.pinnace.linux.process.Pidfd;
import dev.pinnace.linux.tty.WindowSize;
import dev.pinnace.spec.Signal;
import dev.pinnace.spec.TerminalSize;
import dev.pinnace.spi.isolation.ExecTie;
import dev.pinnace.spi.isolation.RunningExec;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An exec whose output comes through pipes of this JVM. When the connection to its container ends,
 * they are closed.
 */
public final class SupervisedExec implements RunningExec {
  /** Where the answer has the terminal's master, after the process. */
  private static final int MASTER = 1;

  private static final Logger LOG = LoggerFactory.getLogger(SupervisedExec.class);

  private final SupervisedContainer container;
  private final int id;
  private final Optional<PipedOutput> output;
  private final boolean terminal;
  private final Optional<Feeder> typing;
  private final CompletableFuture<Integer> exit;
  private final CompletableFuture<Void> over = new CompletableFuture<>();
  private final List<Fd> process;
  private volatile OptionalInt pid = OptionalInt.empty();

  private SupervisedExec(
      SupervisedContainer container,
      SupervisorLink.ExecRequest request,
      Optional<PipedOutput> output,
      List<Fd> process,
      boolean terminal,
      Optional<Feeder> typing) {
    this.container = container;
    this.terminal = terminal;
    this.typing = typing;
    this.id = request.id();
    this.output = output;
    this.process = process;
    this.exit = request.exited().thenApply(frame -> frame.payload().getInt(0));
    output.ifPresent(o -> o.endWith(exit));
    CompletionStage<?> unused = exit.whenComplete((code, failure) -> ended());
  }

  /**
   * Starts the exec of {@code plan}; returns when its program runs.
   *
   * @param nothing stands for standard input where there is none, and for output that goes nowhere
   */
  public static SupervisedExec start(
      EventLoop loop,
      SupervisedContainer container,
      Fd plan,
      @Nullable Fd stdin,
      Fd nothing,
      ExecTie tie,
      SupervisedContainer.Explanation explanation) {
    Optional<PipedOutput> output =
        tie == ExecTie.NONE ? Optional.empty() : Optional.of(PipedOutput.open(loop));
    try {
      SupervisorLink.ExecRequest request =
          container.exec(
              tie == ExecTie.LIFE,
              plan,
              stdin == null ? nothing : stdin,
              output.map(PipedOutput::toStdout).orElse(nothing),
              output.map(PipedOutput::toStderr).orElse(nothing));
      output.ifPresent(PipedOutput::passedOn);
      Frame answer = awaitStart(container, request);
      if (answer.type() == Frame.ERROR) {
        answer.closeDescriptors();
        throw explanation.explain(
            answer.payload().getInt(4), answer.payload().getInt(8), answer.payload().getInt(0));
      }
      return new SupervisedExec(
          container, request, output, answer.descriptors(), false, Optional.empty());
    } catch (RuntimeException e) {
      output.ifPresent(PipedOutput::close);
      throw e;
    }
  }

  /**
   * The same with a terminal, whose other end becomes this JVM's.
   *
   * @param stdin what is typed; empty for nothing
   * @param nothing what it gets before it has its terminal
   */
  public static SupervisedExec startOnTerminal(
      EventLoop loop,
      SupervisedContainer container,
      Fd plan,
      Optional<InputStream> stdin,
      StandardInputs inputs,
      Fd nothing,
      SupervisedContainer.Explanation explanation) {
    SupervisorLink.ExecRequest request = container.exec(false, plan, nothing, nothing, nothing);
    Frame answer = awaitStart(container, request);
    if (answer.type() == Frame.ERROR) {
      answer.closeDescriptors();
      throw explanation.explain(
          answer.payload().getInt(4), answer.payload().getInt(8), answer.payload().getInt(0));
    }
    if (answer.descriptors().size() <= MASTER) {
      answer.closeDescriptors();
      container.abandon(request);
      throw new UnsupportedException(
          "an exec with a terminal",
          "the supervisor of the container, of the Pinnace that started it, does not know that",
          "restart the container, or do without a terminal");
    }
    try {
      return ofTerminal(loop, container, request, answer, stdin, inputs);
    } catch (RuntimeException e) {
      answer.closeDescriptors();
      container.abandon(request);
      throw e;
    }
  }

  private static SupervisedExec ofTerminal(
      EventLoop loop,
      SupervisedContainer container,
      SupervisorLink.ExecRequest request,
      Frame answer,
      Optional<InputStream> stdin,
      StandardInputs inputs) {
    Fd master = answer.descriptors().get(MASTER);
    PipedOutput output = PipedOutput.ofTerminal(loop, master);
    try {
      return new SupervisedExec(
          container,
          request,
          Optional.of(output),
          List.of(answer.descriptors().get(0)),
          true,
          stdin.map(typed -> inputs.feed(typed, master.duplicate())));
    } catch (RuntimeException e) {
      output.close();
      throw e;
    }
  }

  private static Frame awaitStart(
      SupervisedContainer container, SupervisorLink.ExecRequest request) {
    try {
      return Waits.await(request.started(), Replies.LIMIT, "the exec to start");
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
  public OptionalInt pid() {
    OptionalInt known = pid;
    if (known.isEmpty() && !process.isEmpty()) {
      try {
        known = new Pidfd(process.get(0)).pid();
      } catch (IllegalStateException | UncheckedIOException ended) {
        return pid;
      }
      pid = known;
    }
    return known;
  }

  /** What a link in {@code /proc/pid/fd} says of whoever can write its output. */
  public Set<String> outputNames() {
    return output.map(PipedOutput::names).orElse(Set.of());
  }

  @Override
  public void output(Consumer<byte[]> toStdout, Consumer<byte[]> toStderr, Executor executor) {
    output
        .orElseThrow(() -> new IllegalStateException("a detached exec has no output"))
        .deliver(untilEnd(toStdout), toStderr, executor);
  }

  /** Nobody types on where nothing is shown any more, be it that the consumer has failed. */
  private Consumer<byte[]> untilEnd(Consumer<byte[]> consumer) {
    return piece -> {
      if (piece.length == 0) {
        typing.ifPresent(Feeder::end);
      }
      consumer.accept(piece);
    };
  }

  /** Completes when it has ended, or is closed: then nobody feeds it any more. */
  public CompletableFuture<Void> over() {
    return over;
  }

  @Override
  public boolean hasMore() {
    return output.map(PipedOutput::hasMore).orElse(false);
  }

  @Override
  public void resize(TerminalSize size) {
    if (!terminal) {
      return;
    }
    try {
      output.ifPresent(o -> o.resize(new WindowSize(size.rows(), size.columns())));
    } catch (ErrnoException hungUp) {
      LOG.debug("a terminal is not resized", hungUp);
    }
  }

  @Override
  public boolean leave(String event) {
    if (exit.isDone()) {
      return false;
    }
    try (Fd text = Memfd.sealed("pinnace-event", event.getBytes(StandardCharsets.UTF_8))) {
      return terminal ? leaveTerminal(text) : container.leave(id, text);
    } catch (ConflictException e) {
      if (exit.isDone() && !exit.isCompletedExceptionally()) {
        return false;
      }
      throw e;
    }
  }

  private boolean leaveTerminal(Fd text) {
    Optional<Fd> mine = output.flatMap(PipedOutput::terminal);
    if (mine.isEmpty()) {
      throw new ConflictException("the program's terminal was closed here, and nobody can hold it");
    }
    try (Fd master = mine.get()) {
      return container.leave(id, text, master);
    }
  }

  @Override
  public void signal(Signal signal) {
    if (exit.isDone()) {
      throw new ConflictException("the program has ended, and gets no signal any more");
    }
    container.signal(signal, id);
  }

  @Override
  public void close() {
    output.ifPresent(PipedOutput::close);
    ended();
  }

  /** A terminal is hung up when the last descriptor of its master is closed. */
  private void ended() {
    over.complete(null);
    typing.ifPresent(Feeder::end);
    process.forEach(Fd::close);
  }
}
