package dev.pinnace.internal.engine;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A part of an engine that most engines never need, made when it is first asked for. Thread-safe.
 *
 * @param <T> which says itself what happens to those who use it once it is closed
 */
final class OnDemand<T extends AutoCloseable> implements Supplier<T>, AutoCloseable {
  private final Supplier<T> maker;
  private @Nullable T made;
  private boolean closed;

  OnDemand(Supplier<T> maker) {
    this.maker = maker;
  }

  /** The part: a closed one after {@link #close}. */
  @Override
  public synchronized T get() {
    T part = made;
    if (part == null) {
      part = maker.get();
      made = part;
      if (closed) {
        close();
      }
    }
    return part;
  }

  /** Closes the part if there is one. */
  @Override
  public synchronized void close() {
    closed = true;
    if (made != null) {
      try {
        made.close();
      } catch (Exception e) {
        throw new IllegalStateException("cannot close " + made, e);
      }
    }
  }
}
