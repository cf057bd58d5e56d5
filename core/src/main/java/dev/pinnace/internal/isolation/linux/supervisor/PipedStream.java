package dev.pinnace.internal.isolation.linux.supervisor;

import dev.pinnace.linux.Epoll;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.tty.Tty;
import dev.pinnace.linux.tty.WindowSize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An output stream of a container or an exec: the read end of a pipe, or a terminal's master, and
 * who gets what comes out of it. The pipe is closed at its end, with {@link #close}, or when the
 * consumer fails. Thread-safe.
 */
final class PipedStream implements AutoCloseable {
  private static final int CHUNK = 64 * 1024;

  /** So many pieces at most before it is others' turn. */
  private static final int TURN = 16;

  private static final byte[] END = {};

  private final EventLoop loop;
  private final Fd from;
  private @Nullable Consumer<byte[]> consumer;

  /** While the polling thread has it; otherwise somebody reads, or nobody has asked yet. */
  private EventLoop.@Nullable Watch watch;

  /** Takes ownership of {@code from}. */
  PipedStream(EventLoop loop, Fd from) {
    this.loop = loop;
    this.from = from;
  }

  /** Begins to hand pieces to {@code to}, an empty one at the end; once. */
  void deliver(Consumer<byte[]> to, Executor executor) {
    synchronized (this) {
      consumer = to;
      if (from.isOpen()) {
        from.blocking(false);
      }
    }
    await(to, executor);
  }

  /**
   * While a consumer works on a piece nothing more is read from its stream: the pipe fills, and the
   * writer waits.
   */
  private void await(Consumer<byte[]> to, Executor executor) {
    synchronized (this) {
      if (from.isOpen()) {
        watch = loop.watch(from, w -> readable(to, executor), lost -> close());
        return;
      }
    }
    to.accept(END);
  }

  private void readable(Consumer<byte[]> to, Executor executor) {
    if (endWatch()) {
      try {
        executor.execute(() -> drain(to, executor));
      } catch (RejectedExecutionException closed) {
        end(to);
      }
    }
  }

  private synchronized boolean endWatch() {
    EventLoop.Watch ended = watch;
    watch = null;
    if (ended != null) {
      ended.end();
    }
    return ended != null;
  }

  private void drain(Consumer<byte[]> to, Executor executor) {
    byte[] chunk = new byte[CHUNK];
    try {
      for (int turn = 0; turn < TURN; turn++) {
        int count = read(chunk);
        if (count < 0) {
          break;
        }
        if (count == 0) {
          closePipe();
          break;
        }
        to.accept(Arrays.copyOf(chunk, count));
      }
      await(to, executor);
    } catch (RuntimeException | Error e) {
      end(to);
      throw e;
    }
  }

  /** 0 at the end, a negative number when there is nothing now. */
  private synchronized int read(byte[] chunk) {
    try {
      return from.isOpen() ? from.read(chunk, 0, chunk.length) : 0;
    } catch (ErrnoException e) {
      if (e.is(Errno.EAGAIN)) {
        return -1;
      }
      if (e.is(Errno.EIO)) {
        return 0; // nobody has the other end of a terminal any more: pty(7)
      }
      throw e;
    }
  }

  /** The writer gets EPIPE, and whoever waits for the end of the stream is told. */
  private void end(Consumer<byte[]> to) {
    closePipe();
    to.accept(END);
  }

  private synchronized void closePipe() {
    from.close();
  }

  /** Whether it is being read, or there is something to read: its end is something, too. */
  synchronized boolean hasMore() {
    if (!from.isOpen()) {
      return false;
    }
    try (Epoll readiness = new Epoll()) {
      readiness.add(from, 0);
      return watch == null || !readiness.await(0).isEmpty();
    }
  }

  /** A descriptor of its own for what this is read from; empty once that is closed. */
  synchronized Optional<Fd> duplicate() {
    return from.isOpen() ? Optional.of(from.duplicate()) : Optional.empty();
  }

  /** Under the lock, so that no other file has its number yet. */
  synchronized void resize(WindowSize size) {
    if (from.isOpen()) {
      Tty.resize(from, size);
    }
  }

  /** Gives the rest up; a piece that is being worked on is the last. */
  @Override
  public void close() {
    boolean waiting;
    Consumer<byte[]> told;
    synchronized (this) {
      waiting = endWatch();
      from.close();
      told = consumer;
    }
    if (waiting && told != null) {
      told.accept(END);
    }
  }

  /** As proc(5) names the pipe in {@code /proc/pid/fd}; empty once it is not read any more. */
  Optional<String> name() {
    try {
      String name = Files.readSymbolicLink(Path.of(from.procPath())).toString();
      int unused = from.number(); // refused if it was closed, and another file may have its number
      return Optional.of(name);
    } catch (IllegalStateException | IOException closed) {
      return Optional.empty();
    }
  }
}
