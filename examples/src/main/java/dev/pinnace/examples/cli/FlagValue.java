package dev.pinnace.examples.cli;

import dev.pinnace.error.InvalidSpecException;
import org.jspecify.annotations.Nullable;

/**
 * What was given to a flag, to be named in messages.
 *
 * @param flag as in {@code --mount}
 */
record FlagValue(String flag, String text) {
  InvalidSpecException wrong(String how) {
    return wrong(how, null);
  }

  InvalidSpecException wrong(String how, @Nullable Throwable cause) {
    return new InvalidSpecException(flag + " " + text + ": " + how, cause);
  }
}
