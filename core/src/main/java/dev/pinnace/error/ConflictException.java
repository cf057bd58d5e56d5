package dev.pinnace.error;

import org.jspecify.annotations.Nullable;

/** The object exists already, is in use, or is in a state that forbids the call. */
public final class ConflictException extends PinnaceException {
  private static final long serialVersionUID = 1L;

  public ConflictException(String message) {
    super(message);
  }

  public ConflictException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
