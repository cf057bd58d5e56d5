package dev.pinnace.error;

import org.jspecify.annotations.Nullable;

/**
 * What was asked for is malformed or contradicts itself: change the request. Nothing was created.
 */
public final class InvalidSpecException extends PinnaceException {
  private static final long serialVersionUID = 1L;

  public InvalidSpecException(String message) {
    super(message);
  }

  public InvalidSpecException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
