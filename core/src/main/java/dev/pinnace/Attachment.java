package dev.pinnace;

import dev.pinnace.spec.Detachment;
import dev.pinnace.spec.TerminalSize;

/**
 * A container's output as it comes, and what it is sent, from {@link Container#attach} until {@link
 * #close}, its end, or the end of this engine. The container does not depend on it: there may be
 * several at once, from several JVMs, and it is never waited for. Who falls more than 1 MiB behind,
 * or less where an ordinary user has so many pipes that the kernel makes them small (pipe(7)), gets
 * no more output; what it sends is read on until {@link #close}. Thread-safe.
 */
public interface Attachment extends AutoCloseable {
  /**
   * Gives the container's terminal another size: its foreground processes get SIGWINCH. Without a
   * terminal, or once this is over, it does nothing.
   */
  void resize(TerminalSize size);

  /**
   * Waits until it is over and everything that came was handed on. What a consumer has thrown comes
   * out here.
   *
   * @throws dev.pinnace.error.CancelledException when interrupted; it is not over by that
   */
  Detachment await();

  /** Detaches; the container goes on. Once more does nothing. */
  @Override
  void close();
}
