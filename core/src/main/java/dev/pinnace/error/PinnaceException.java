package dev.pinnace.error;

import org.jspecify.annotations.Nullable;

/**
 * Base of everything that Pinnace throws on purpose. The message says what was attempted on what,
 * why it failed and, where there is one, the next step.
 */
public class PinnaceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public PinnaceException(String message) {
    super(message);
  }

  public PinnaceException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
