package dev.pinnace.internal.image.registry.http;

import java.io.IOException;

/** What came back is no HTTP. Asking again does not help. */
public final class BadAnswerException extends IOException {
  private static final long serialVersionUID = 1L;

  BadAnswerException(String message) {
    super(message);
  }
}
