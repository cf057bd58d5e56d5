package dev.pinnace.examples.cli;

import dev.pinnace.Attachment;
import dev.pinnace.Container;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.linux.tty.Tty;
import dev.pinnace.spec.AttachOptions;
import dev.pinnace.spec.Detachment;
import dev.pinnace.spec.TerminalSize;
import java.io.FileDescriptor;
import java.io.InputStream;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Being attached to a container until it ends or the keys for that are typed; whoever falls behind
 * is attached anew. Thread-safe.
 */
final class Session {
  private final Container container;
  private final Optional<Keyboard> keyboard;
  private final Optional<InputStream> piped;
  private final boolean terminal;
  private final Supplier<Optional<TerminalSize>> size;
  private final PrintWriter err;

  /**
   * Held while a size is told, so that the last one is told last; whoever leaves waits for none.
   */
  private final Object sizes = new Object();

  private Optional<Attachment> current = Optional.empty();
  private boolean redrawing;
  private boolean toldMissed;
  private boolean left;

  /**
   * @param fed whether standard input is passed on
   * @param terminal whether that is typed on a terminal
   * @param size of the terminal here, asked whenever it may be another
   * @param err is told where output is missed that nobody looks at
   */
  Session(
      Container container,
      boolean fed,
      boolean terminal,
      DetachKeys keys,
      Supplier<Optional<TerminalSize>> size,
      PrintWriter err) {
    this.container = container;
    this.keyboard =
        fed && terminal
            ? Optional.of(Keyboard.begin(Streams.standardInput(), keys, this::leave))
            : Optional.empty();
    this.piped = fed && !terminal ? Optional.of(Streams.standardInput()) : Optional.empty();
    this.terminal = terminal;
    this.size = size;
    this.err = err;
  }

  /** Starts the container and stays. */
  Detachment start() {
    return stay(options -> container.startAttached(options, Session::stdout, Session::stderr));
  }

  /** Stays with a container that runs; what is on its screen is drawn anew. */
  Detachment attach() {
    redrawing = true;
    return stay(this::attach);
  }

  private Attachment attach(AttachOptions options) {
    return container.attach(options, Session::stdout, Session::stderr);
  }

  /** What is read from a pipe goes to the first attachment to the end, whoever gets the output. */
  private Detachment stay(Function<AttachOptions, Attachment> begin) {
    Optional<InputStream> input = typed().or(() -> piped);
    try (Attachment first = begin.apply(new AttachOptions(input, size.get()))) {
      Detachment reason = stay(first);
      while (reason == Detachment.LAGGED && !isLeft()) {
        tellMissed();
        redrawing = terminal;
        reason = stayAgain();
      }
      return isLeft() ? Detachment.CLOSED : reason;
    }
  }

  private Optional<InputStream> typed() {
    return keyboard.map(Keyboard::next);
  }

  /** Who looks at a screen sees the next of it; lines, a file or a program have a gap. */
  private void tellMissed() {
    if (!toldMissed && !(terminal && Tty.of(1).isPresent())) {
      toldMissed = true;
      err.println(
          "pinnace: "
              + container.name()
              + " writes faster than its output is taken here, and some is missed: its logs have"
              + " it");
    }
  }

  /** What it had written last may have been what was too much. */
  private Detachment stayAgain() {
    try (Attachment next = attach(new AttachOptions(typed(), size.get()))) {
      return stay(next);
    } catch (ConflictException | NotFoundException failure) {
      if (isAlive()) {
        throw failure;
      }
      return Detachment.ENDED;
    }
  }

  private boolean isAlive() {
    try {
      return container.inspect().status().isAlive();
    } catch (NotFoundException removed) {
      return false;
    }
  }

  private Detachment stay(Attachment attachment) {
    become(attachment);
    if (redrawing) {
      redraw();
    }
    resized();
    return attachment.await();
  }

  private synchronized void become(Attachment attachment) {
    current = Optional.of(attachment);
    if (left) {
      attachment.close();
    }
  }

  private synchronized boolean isLeft() {
    return left;
  }

  /** Leaves the container alone. */
  synchronized void leave() {
    left = true;
    current.ifPresent(Attachment::close);
  }

  /**
   * Has a program that draws the whole screen draw it: it is told of a size that is not so first.
   */
  private void redraw() {
    synchronized (sizes) {
      size.get().ifPresent(now -> resize(new TerminalSize(now.rows(), now.columns() + 1)));
    }
  }

  /** Tells the container of the terminal's size. */
  void resized() {
    synchronized (sizes) {
      size.get().ifPresent(this::resize);
    }
  }

  private void resize(TerminalSize told) {
    attached().ifPresent(attachment -> attachment.resize(told));
  }

  private synchronized Optional<Attachment> attached() {
    return current;
  }

  private static void stdout(byte[] bytes) {
    Streams.write(FileDescriptor.out, bytes);
  }

  private static void stderr(byte[] bytes) {
    Streams.write(FileDescriptor.err, bytes);
  }
}
