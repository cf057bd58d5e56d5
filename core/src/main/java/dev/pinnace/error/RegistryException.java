package dev.pinnace.error;

import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** A registry refused, could not be reached, or answered something that makes no sense. */
public final class RegistryException extends PinnaceException {
  private static final long serialVersionUID = 1L;
  private static final int NONE = -1;

  private final int status;

  /** For a registry that gave no answer. */
  public RegistryException(String message, @Nullable Throwable cause) {
    super(message, cause);
    this.status = NONE;
  }

  /**
   * @param status of the answer (RFC 9110)
   */
  public RegistryException(String message, int status) {
    super(message);
    this.status = status;
  }

  /** The HTTP status of the answer; empty where there was none. */
  public OptionalInt status() {
    return status == NONE ? OptionalInt.empty() : OptionalInt.of(status);
  }
}
