package dev.pinnace.internal.engine;

import dev.pinnace.error.CancelledException;
import dev.pinnace.internal.waiting.Waits;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * How long one call waits for ports of the host's that somebody has who may be about to give them
 * up: a relay closes those of a container a moment after that has ended. It begins with the first
 * that is taken, and is one for all ports of the call. Not thread-safe.
 */
final class PortPatience {
  private static final Duration LONGEST = Duration.ofSeconds(3);
  private static final Duration PAUSE = Duration.ofMillis(5);

  private long begun;
  private boolean waits;

  /**
   * Binds, again and again while the port is taken.
   *
   * @param lasting whether whoever has it keeps it, so that there is nothing to wait for
   * @throws ErrnoException as {@code bind} does; EADDRINUSE where it was waited for in vain
   * @throws CancelledException when interrupted; the flag stays set
   */
  <T> T bind(Supplier<T> bind, BooleanSupplier lasting) {
    boolean asked = false;
    while (true) {
      try {
        return bind.get();
      } catch (ErrnoException refusal) {
        if (!refusal.is(Errno.EADDRINUSE) || isOver() || (!asked && lasting.getAsBoolean())) {
          throw refusal;
        }
        asked = true;
      }
      Waits.pause(PAUSE, "a port of the host's that was in use to be free");
    }
  }

  private boolean isOver() {
    if (!waits) {
      waits = true;
      begun = System.nanoTime();
    }
    return System.nanoTime() - begun > LONGEST.toNanos();
  }
}
