package dev.pinnace.examples.cli;

import dev.pinnace.error.PinnaceException;

/**
 * Nobody reads any more what this call prints: it ends as a program does that SIGPIPE kills,
 * without a word.
 */
final class ReaderGone extends PinnaceException {
  private static final long serialVersionUID = 1;

  /** What a shell calls 128 and SIGPIPE. */
  static final int CODE = 141;

  ReaderGone(Throwable cause) {
    super("nobody reads the output any more", cause);
  }
}
