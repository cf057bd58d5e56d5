package dev.pinnace.error;

import org.jspecify.annotations.Nullable;

/**
 * Base of everything that Pinnace throws on purpose, but for what a caller's own mistake is: {@link
 * NullPointerException} for null, and {@link IllegalStateException} from an engine that is closed.
 * The message says what was attempted on what, why it failed and, where there is one, the next
 * step. It is {@linkplain Printable#lines printable}. Of a message of more than 4,000 characters
 * the middle is left out.
 */
public class PinnaceException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final int LONGEST = 4_000;
  private static final int LAST = 1_000;
  private static final int FIRST = LONGEST - LAST;

  public PinnaceException(String message) {
    super(Printable.lines(cut(message)));
  }

  public PinnaceException(String message, @Nullable Throwable cause) {
    super(Printable.lines(cut(message)), cause);
  }

  /** A value that somebody gave may have any length; nobody reads a message of megabytes. */
  private static String cut(String message) {
    return message.length() <= LONGEST
        ? message
        : message.substring(0, FIRST)
            + "... ["
            + (message.length() - LONGEST)
            + " characters left out] ..."
            + message.substring(message.length() - LAST);
  }
}
