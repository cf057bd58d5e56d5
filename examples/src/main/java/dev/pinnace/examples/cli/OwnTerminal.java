package dev.pinnace.examples.cli;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.linux.tty.RawMode;
import dev.pinnace.linux.tty.Tty;
import dev.pinnace.linux.tty.WindowSize;
import dev.pinnace.spec.TerminalSize;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The terminal on which this call was made, while a container's program has it: what is typed goes
 * there as it is, Ctrl-C too. It is as before when this is closed, when the JVM ends, and before it
 * halts; after SIGKILL only {@code stty sane} helps.
 */
final class OwnTerminal implements AutoCloseable {
  private static final int OUTPUT = 1;
  private static final Set<RawMode> RAW = ConcurrentHashMap.newKeySet();

  private final Optional<RawMode> mode;
  private final Thread hook = new Thread(OwnTerminal::restoreAll, "terminal");

  private OwnTerminal(Optional<RawMode> mode) {
    this.mode = mode;
    mode.ifPresent(
        raw -> {
          RAW.add(raw);
          Runtime.getRuntime().addShutdownHook(hook);
        });
  }

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
    return new OwnTerminal(typed ? Tty.of(0).map(Tty::raw) : Optional.empty());
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

  /** For whoever is about to halt this JVM. */
  static void restoreAll() {
    RAW.forEach(RawMode::close);
  }

  @Override
  public void close() {
    mode.ifPresent(
        raw -> {
          raw.close();
          RAW.remove(raw);
          try {
            boolean unused = Runtime.getRuntime().removeShutdownHook(hook);
          } catch (IllegalStateException shuttingDown) {
            // it has run, or is about to
          }
        });
  }
}
