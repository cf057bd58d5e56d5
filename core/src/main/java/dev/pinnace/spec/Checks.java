package dev.pinnace.spec;

import com.google.common.net.InetAddresses;
import dev.pinnace.error.InvalidSpecException;
import java.util.List;

/** What is asked of text in several specifications. */
final class Checks {
  private static final int LONGEST_WORD = 1024;

  private Checks() {}

  /** The kernel ends a string at its first NUL, so that the rest would be lost. */
  static void noNul(String what, String text) {
    if (text.indexOf('\0') >= 0) {
      throw new InvalidSpecException(what + " holds a NUL, which no program can receive");
    }
  }

  static void noNuls(String what, List<String> texts) {
    texts.forEach(text -> noNul(what, text));
  }

  static void variable(String name, String value) {
    if (name.isEmpty() || name.indexOf('=') >= 0 || name.indexOf('\0') >= 0) {
      throw new InvalidSpecException(
          "\""
              + name
              + "\" cannot be an environment variable: it must not be empty or hold = or NUL");
    }
    noNul("the environment variable " + name, value);
  }

  static void workdir(String directory) {
    if (!directory.startsWith("/")) {
      throw new InvalidSpecException(
          "the working directory must be an absolute path: \"" + directory + "\"");
    }
    noNul("the working directory", directory);
  }

  /** A word of a file in which blanks part words and each line is for itself. */
  static void word(String what, String text) {
    if (text.isEmpty() || text.chars().anyMatch(c -> c <= ' ' || c == '#' || c == 127)) {
      throw new InvalidSpecException(what + " cannot be \"" + text + "\"");
    }
    if (text.length() > LONGEST_WORD) {
      throw new InvalidSpecException(
          what + " has " + text.length() + " characters; the limit is " + LONGEST_WORD);
    }
  }

  /** The scope of an address of IPv6 is looked at by nobody else, and ends up in a file. */
  static void address(String what, String text) {
    word(what, text);
    if (!InetAddresses.isInetAddress(text)) {
      throw new InvalidSpecException(what + " is not an IP address: \"" + text + "\"");
    }
  }
}
