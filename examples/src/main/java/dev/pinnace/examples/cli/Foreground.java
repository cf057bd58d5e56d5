package dev.pinnace.examples.cli;

import dev.pinnace.Container;
import dev.pinnace.error.StartFailedException;
import dev.pinnace.spec.ExitStatus;
import dev.pinnace.spec.Lifetime;
import dev.pinnace.spec.Signal;
import java.io.PrintWriter;
import java.util.function.Consumer;
import java.util.function.IntSupplier;

/** Runs a container in the foreground: passes its output and our signals on. */
final class Foreground {
  private Foreground() {}

  /** Goes on with a container that was just made; one that never ran is removed if that fails. */
  static int withNew(Container container, IntSupplier rest) {
    try {
      return rest.getAsInt();
    } catch (RuntimeException e) {
      removeUnused(container, e);
      throw e;
    }
  }

  private static void removeUnused(Container container, RuntimeException reason) {
    try {
      if (reason instanceof StartFailedException || container.inspect().started().isEmpty()) {
        container.remove(true, true);
      }
    } catch (RuntimeException e) {
      reason.addSuppressed(e);
    }
  }

  /**
   * Starts the container and stays until it has ended; returns its exit code.
   *
   * @param interactive whether standard input is passed on
   * @param streams what of its output is passed on
   * @param signals whether our signals are
   */
  @SuppressWarnings("try") // the signals are passed on for as long as the block lasts
  static int run(
      Container container,
      boolean interactive,
      StreamChoice streams,
      boolean signals,
      PrintWriter err) {
    Consumer<Signal> unheeded =
        signals && Streams.isTerminal(2) ? unheeded(container, err) : signal -> {};
    try (SignalProxy proxy =
        signals ? SignalProxy.to(container::kill, unheeded) : SignalProxy.none()) {
      Consumer<byte[]> stdout = streams.out();
      Consumer<byte[]> stderr = streams.err();
      return code(
          interactive
              ? container.startAttached(Streams.standardInput(), stdout, stderr)
              : container.startAttached(new byte[0], stdout, stderr),
          err);
    }
  }

  /**
   * Says of a signal that it ended nothing: the kernel gives a container's first program none that
   * it has no handler for, and without a word that looks as if nobody had heard.
   */
  private static Consumer<Signal> unheeded(Container container, PrintWriter err) {
    boolean bound = container.inspect().spec().lifecycle().lifetime() == Lifetime.BOUND;
    return signal ->
        err.println(
            "pinnace: %s still runs after %s, which its program may ignore; two more end this call%s"
                .formatted(
                    container.name(), signal, bound ? " and the container" : ", and nothing else"));
  }

  static int code(ExitStatus status, PrintWriter err) {
    if (status.outOfMemory()) {
      err.println("pinnace: the kernel killed it: it was out of memory");
    }
    if (status.timedOut()) {
      err.println("pinnace: killed at its time limit");
    }
    if (!status.isKnown()) {
      err.println("pinnace: nobody knows how it ended: " + status.remark());
      return Failures.OURS;
    }
    if (!status.remark().isEmpty()) {
      err.println("pinnace: " + status.remark());
    }
    return status.code();
  }
}
