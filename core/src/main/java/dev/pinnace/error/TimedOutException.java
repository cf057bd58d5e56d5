package dev.pinnace.error;

import org.jspecify.annotations.Nullable;

/** The call's time was over before its work was done. */
public final class TimedOutException extends PinnaceException {
  private static final long serialVersionUID = 1L;

  public TimedOutException(String message) {
    super(message);
  }

  public TimedOutException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
