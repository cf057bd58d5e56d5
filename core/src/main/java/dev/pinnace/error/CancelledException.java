package dev.pinnace.error;

import org.jspecify.annotations.Nullable;

/** The work was cancelled or its thread interrupted; the interrupt flag stays set. */
public final class CancelledException extends PinnaceException {
  private static final long serialVersionUID = 1L;

  public CancelledException(String message) {
    super(message);
  }

  public CancelledException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
