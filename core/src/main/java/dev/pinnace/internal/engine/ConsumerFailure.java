package dev.pinnace.internal.engine;

import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a consumer of the caller's has thrown. It is the caller's own and comes out of the API as it
 * was thrown, on whatever thread that was, and never as a failure of Pinnace. Thread-safe.
 */
final class ConsumerFailure {
  private final AtomicReference<@Nullable Throwable> first = new AtomicReference<>();

  /** Does what {@code consumer} does; what it throws is kept. */
  <T> Consumer<T> keptOf(Consumer<? super T> consumer) {
    return given -> {
      try {
        consumer.accept(given);
      } catch (RuntimeException | Error e) {
        first.compareAndSet(null, e);
        throw e;
      }
    };
  }

  /** What {@code call} gives; where it fails after a consumer has, it fails as the consumer did. */
  <T> T unwrapped(Supplier<T> call) {
    try {
      return call.get();
    } catch (RuntimeException | Error e) {
      Throwable own = first.get();
      if (own == null || own == e) {
        throw e;
      }
      for (Throwable also : e.getSuppressed()) {
        if (also != own) {
          own.addSuppressed(also);
        }
      }
      throw rethrown(own);
    }
  }

  /** Throws what a consumer has thrown, if one has. */
  void throwIfAny() {
    Throwable failure = first.get();
    if (failure != null) {
      throw rethrown(failure);
    }
  }

  /** Whether {@code failure} came out of a consumer. */
  boolean is(Throwable failure) {
    return first.get() == failure;
  }

  /** Throws what is unchecked, as everything that a consumer throws. */
  static RuntimeException rethrown(Throwable unchecked) {
    if (unchecked instanceof Error error) {
      throw error;
    }
    throw (RuntimeException) unchecked;
  }
}
