package dev.pinnace.error;

import org.jspecify.annotations.Nullable;

/** Stored or received bytes are not what their digest, size or format says. */
public final class CorruptException extends PinnaceException {
  private static final long serialVersionUID = 1L;

  public CorruptException(String message) {
    super(message);
  }

  public CorruptException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
