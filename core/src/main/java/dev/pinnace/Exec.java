package dev.pinnace;

import dev.pinnace.spec.Signal;
import dev.pinnace.spec.TerminalSize;

/**
 * A further program in a container, from {@link Container#exec} on. Unlike a container's own, its
 * terminal and pipes are this JVM's: it waits for its consumers, and is hung up when this is closed
 * or the JVM ends. Thread-safe.
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
   */
  int await();

  /**
   * Gives up its output and its terminal: a program that has one is hung up (SIGHUP), another gets
   * EPIPE when it writes. Once more does nothing.
   */
  @Override
  void close();
}
