package dev.pinnace.examples.cli;

import dev.pinnace.Container;
import dev.pinnace.error.ConflictException;
import dev.pinnace.spec.ContainerStatus;
import dev.pinnace.spec.Detachment;
import dev.pinnace.spec.ProcessSpec;
import java.io.PrintWriter;
import java.util.function.Function;

/**
 * This call while it is attached to a container, which goes on without it: with the terminal, if
 * the container has one.
 *
 * @param terminal whether the container has a terminal
 * @param fed whether standard input is passed on
 * @param signals whether our signals are
 */
record Attached(
    Container container,
    boolean terminal,
    boolean fed,
    DetachKeys keys,
    boolean signals,
    PrintWriter err) {
  /**
   * One to that container.
   *
   * @param input whether standard input is passed on if the container takes any
   * @throws dev.pinnace.error.InvalidSpecException if the container has a terminal, and standard
   *     input, which is to be passed on, is none
   */
  static Attached to(
      Container container, boolean input, DetachKeys keys, boolean signals, PrintWriter err) {
    ProcessSpec process = container.inspect().spec().process();
    boolean fed = input && process.stdinOpen();
    if (fed && process.terminal()) {
      OwnTerminal.require();
    }
    return new Attached(container, process.terminal(), fed, keys, signals, err);
  }

  /** Starts the container and stays: its exit code, or 0 if it is left alone. */
  int start() {
    return stay(Session::start);
  }

  /** Stays with a container that runs. */
  int attach() {
    if (container.inspect().status() == ContainerStatus.PAUSED) {
      throw new ConflictException(
          container.name() + " is paused, so that nothing would come of it: unpause it first");
    }
    return stay(Session::attach);
  }

  /** Whose terminal is the container's, with its keys, is gone when a signal comes. */
  private boolean passesSignals() {
    return signals && !(terminal && fed);
  }

  @SuppressWarnings("try") // the terminal is the container's for as long as the block lasts
  private int stay(Function<Session, Detachment> how) {
    Session session = new Session(container, fed, terminal, keys, OwnTerminal::size, err);
    Detachment reason;
    try (OwnTerminal own = OwnTerminal.give(fed && terminal);
        SignalProxy proxy =
            passesSignals() ? SignalProxy.to(container::kill) : SignalProxy.none()) {
      if (terminal) {
        proxy.onWindowChange(session::resized);
      }
      reason = how.apply(session);
    }
    if (reason == Detachment.CLOSED) {
      err.println("\npinnace: left " + container.name() + ", which goes on"); // below its prompt
      return 0;
    }
    return Foreground.code(container.await(), err);
  }
}
