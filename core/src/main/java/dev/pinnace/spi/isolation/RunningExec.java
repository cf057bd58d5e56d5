package dev.pinnace.spi.isolation;

import dev.pinnace.error.UnsupportedException;
import dev.pinnace.spec.Signal;
import dev.pinnace.spec.TerminalSize;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * A further process in a container. Whoever starts one asks for its {@link #output} or closes it:
 * until then it holds descriptors. Thread-safe.
 */
public interface RunningExec extends AutoCloseable {
  /** Its exit code, or 128 and the signal. */
  CompletableFuture<Integer> exit();

  /**
   * Its pid as this JVM sees it. Whoever asks while it runs is told the same after its end; empty
   * where it had ended before, or the backend does not know, as by default.
   */
  default OptionalInt pid() {
    return OptionalInt.empty();
  }

  /**
   * Begins to deliver output. The pieces of a stream come in order, one at a time; an empty one
   * ends it. A slow consumer slows the process down.
   *
   * @param executor where the consumers run; one that runs tasks at once is right for consumers
   *     that never wait
   */
  void output(Consumer<byte[]> stdout, Consumer<byte[]> stderr, Executor executor);

  /**
   * Whether it has written something that the consumers have not got; one that cannot tell has
   * none, as by default.
   */
  default boolean hasMore() {
    return false;
  }

  /** Gives its terminal, if it has one, another size. */
  default void resize(TerminalSize size) {}

  /**
   * Leaves it alone, be it with the connection that has started it: whoever keeps the container
   * tells its end, with its exit code, holds its terminal if it has one, and drops what it writes
   * there. It is to be closed nevertheless.
   *
   * @param event the text of the event, as {@link EventTarget} has one
   * @return whether it has not ended yet; else nothing is told
   * @throws dev.pinnace.error.UnsupportedException if nobody does that, as by default
   */
  default boolean leave(String event) {
    throw new UnsupportedException(
        "leaving an exec alone", "its backend does not do that", "wait for its end");
  }

  /** Sends it a signal. */
  void signal(Signal signal);

  /**
   * Gives up what it has not written yet; it runs on, and is told so (EPIPE) when it writes.
   * Nothing is to be done where its output was read to the end.
   */
  @Override
  void close();
}
