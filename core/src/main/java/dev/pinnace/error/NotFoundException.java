package dev.pinnace.error;

import org.jspecify.annotations.Nullable;

/** No container, image, volume, network or file by that name. */
public final class NotFoundException extends PinnaceException {
  private static final long serialVersionUID = 1L;

  public NotFoundException(String message) {
    super(message);
  }

  public NotFoundException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
