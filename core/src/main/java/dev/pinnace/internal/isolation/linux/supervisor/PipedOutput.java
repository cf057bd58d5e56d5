package dev.pinnace.internal.isolation.linux.supervisor;

import dev.pinnace.linux.Fd;
import dev.pinnace.linux.Pipe;
import dev.pinnace.linux.file.Inode;
import dev.pinnace.linux.tty.WindowSize;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Standard output and standard error of a container or an exec, through pipes of this JVM.
 * Thread-safe.
 */
public final class PipedOutput implements AutoCloseable {
  /** Also another user than root may open /dev/stdout in the container. */
  private static final int WRITABLE_BY_ALL = 0622;

  private final Fd toStdout;
  private final Fd toStderr;
  private final PipedStream stdout;
  private final PipedStream stderr;
  private final AtomicBoolean asked = new AtomicBoolean();

  private PipedOutput(EventLoop loop, Pipe out, Pipe err) {
    this.toStdout = out.writeEnd();
    this.toStderr = err.writeEnd();
    this.stdout = new PipedStream(loop, out.readEnd());
    this.stderr = new PipedStream(loop, err.readEnd());
  }

  /** Makes both pipes. */
  public static PipedOutput open(EventLoop loop) {
    Pipe out = pipe();
    try {
      return new PipedOutput(loop, out, pipe());
    } catch (RuntimeException e) {
      out.close();
      throw e;
    }
  }

  /** What comes from a terminal, all of it standard output. Takes ownership of {@code master}. */
  static PipedOutput ofTerminal(EventLoop loop, Fd master) {
    try {
      Pipe nothing = Pipe.open();
      nothing.writeEnd().close();
      return new PipedOutput(loop, new Pipe(master, nothing.writeEnd()), nothing);
    } catch (RuntimeException e) {
      master.close();
      throw e;
    }
  }

  private static Pipe pipe() {
    Pipe pipe = Pipe.open();
    try {
      Inode.chmod(pipe.writeEnd(), WRITABLE_BY_ALL);
      return pipe;
    } catch (RuntimeException e) {
      pipe.close();
      throw e;
    }
  }

  /** Where standard output is to be written, until {@link #passedOn}. */
  public Fd toStdout() {
    return toStdout;
  }

  /** Where standard error is to be written, until {@link #passedOn}. */
  public Fd toStderr() {
    return toStderr;
  }

  /** Gives up the ends for writing: others have them now, and with the last of these it ends. */
  public void passedOn() {
    toStdout.close();
    toStderr.close();
  }

  /** Closes this too if {@code end} completes exceptionally. */
  public void endWith(CompletionStage<?> end) {
    CompletionStage<?> unused =
        end.whenComplete(
            (value, failure) -> {
              if (failure != null) {
                close();
              }
            });
  }

  /**
   * Begins to hand on what comes, and an empty piece at the end of each stream.
   *
   * @throws IllegalStateException at the second call
   */
  public void deliver(Consumer<byte[]> out, Consumer<byte[]> err, Executor executor) {
    if (!asked.compareAndSet(false, true)) {
      throw new IllegalStateException("this output is read already");
    }
    try {
      stdout.deliver(out, executor);
      stderr.deliver(err, executor);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /** Whether there is something that was not handed on. */
  boolean hasMore() {
    return stdout.hasMore() || stderr.hasMore();
  }

  /** A descriptor of its own for the terminal that standard output comes from, until it ends. */
  Optional<Fd> terminal() {
    return stdout.duplicate();
  }

  /** Gives the terminal that standard output comes from another size, until it has ended. */
  void resize(WindowSize size) {
    stdout.resize(size);
  }

  /** What a link in {@code /proc/pid/fd} says of a writer of this; only while it is read. */
  Set<String> names() {
    Set<String> names = new HashSet<>();
    for (PipedStream stream : List.of(stdout, stderr)) {
      stream.name().ifPresent(names::add);
    }
    return names;
  }

  /** Gives up what has not been read: whoever writes it gets EPIPE. */
  @Override
  public void close() {
    passedOn();
    stdout.close();
    stderr.close();
  }
}
