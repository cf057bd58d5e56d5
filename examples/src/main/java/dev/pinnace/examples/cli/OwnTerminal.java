package dev.pinnace.examples.cli;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.linux.tty.RawMode;
import dev.pinnace.linux.tty.Tty;
import dev.pinnace.linux.tty.WindowSize;
import dev.pinnace.spec.TerminalSize;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The terminal on which this call was made, while a container's program has it: what is typed goes
 * there as it is, Ctrl-C too. It is as before when this is closed and when the JVM ends; after
 * SIGKILL only {@code stty sane} helps.
 */
final class OwnTerminal implements AutoCloseable {
  private static final int OUTPUT = 1;

  private final Thread hook = new Thread(this::giveBack, "terminal");
  private Optional<RawMode> mode = Optional.empty();
  private boolean over;

  /**
   * Refuses what Docker refuses: a terminal that is fed by something else.
   *
   * @throws InvalidSpecException if standard input is no terminal
   */
  static void require() {
    if (Tty.of(0).isEmpty()) {
      throw new InvalidSpecException(
          "the input device is not a TTY: leave -t out where standard input is a pipe or a file");
    }
  }

  /**
   * Gives the terminal away.
   *
   * @param typed whether what is typed goes to the container; otherwise keys stay what they are
   */
  static OwnTerminal give(boolean typed) {
    OwnTerminal own = new OwnTerminal();
    if (typed) {
      Tty.of(0).ifPresent(tty -> own.give(tty, Runtime.getRuntime()::addShutdownHook));
    }
    return own;
  }

  /** Whatever is to give it back is there before it is given away. */
  void give(Tty tty, Consumer<Thread> atEnd) {
    atEnd.accept(hook);
    synchronized (this) {
      mode = over ? Optional.empty() : Optional.of(tty.raw());
    }
  }

  /** Empty where there is none, or nobody has set its size. */
  static Optional<TerminalSize> size() {
    return Tty.of(OUTPUT)
        .or(() -> Tty.of(0))
        .map(Tty::size)
        .filter(size -> size.rows() > 0 && size.columns() > 0)
        .map(OwnTerminal::size);
  }

  private static TerminalSize size(WindowSize size) {
    return new TerminalSize(size.rows(), size.columns());
  }

  private synchronized void giveBack() {
    over = true;
    mode.ifPresent(RawMode::close);
  }

  @Override
  public void close() {
    giveBack();
    try {
      boolean unused = Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException shuttingDown) {
      // it has run, or is about to
    }
  }
}
