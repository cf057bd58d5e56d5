package dev.pinnace;

import dev.pinnace.spec.Signal;
import dev.pinnace.spec.TerminalSize;

/**
 * A further program in a container, from {@link Container#exec} on. Unlike a container's own, its
 * terminal and pipes are this JVM's: it waits for its consumers, and is hung up when this is closed
 * or the JVM ends, unless it is {@linkplain #detach detached} first. Thread-safe.
 */
public interface Exec extends AutoCloseable {
  /** Gives its terminal another size; without one, or once it has ended, that does nothing. */
  void resize(TerminalSize size);

  /**
   * Sends it a signal.
   *
   * @throws dev.pinnace.error.ConflictException if it has ended
   */
  void kill(Signal signal);

  /**
   * Waits until it has ended and its output was handed on: its exit code. What a consumer has
   * thrown comes out here. Processes that it has started and left may hold its output open: without
   * a terminal their output is waited for too, and with one until nothing comes for half a second.
   *
   * @throws dev.pinnace.error.CancelledException when interrupted; the program goes on
   * @throws dev.pinnace.error.ConflictException once it is {@linkplain #detach detached}, also
   *     while somebody waits here
   */
  int await();

  /**
   * Leaves a program alone that has a terminal: it goes on, also after the end of this JVM, what it
   * writes is dropped, and an event tells its end. Nobody can attach to it again. Nothing is done
   * once it has ended, or is detached.
   *
   * @throws dev.pinnace.error.InvalidSpecException without a terminal, for its pipes end here
   * @throws dev.pinnace.error.ConflictException if its terminal was closed here
   * @throws dev.pinnace.error.UnsupportedException if an older version has started the container
   */
  void detach();

  /**
   * Gives up its output and its terminal: a program that has one is hung up (SIGHUP), another gets
   * EPIPE when it writes. Once more does nothing.
   */
  @Override
  void close();
}
