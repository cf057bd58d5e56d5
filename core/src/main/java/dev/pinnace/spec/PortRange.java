package dev.pinnace.spec;

import dev.pinnace.error.InvalidSpecException;

/** Ports that follow each other, as in {@code 8000-8010}. */
record PortRange(int first, int last) {
  static final int LAST_PORT = 65_535;

  /** How a port is written: digits, and no more of them than a port has. */
  private static final String DIGITS = "[0-9]{1,5}";

  /**
   * Reads a port or a range.
   *
   * @param whole of which it is a part, for what is said of it
   */
  static PortRange parse(String whole, String part) {
    int hyphen = part.indexOf('-');
    int first = port(whole, hyphen < 0 ? part : part.substring(0, hyphen));
    int last = hyphen < 0 ? first : port(whole, part.substring(hyphen + 1));
    if (last < first) {
      throw new InvalidSpecException(
          "port \"" + whole + "\": the range " + part + " ends before it begins");
    }
    return new PortRange(first, last);
  }

  private static int port(String whole, String text) {
    int port = text.matches(DIGITS) ? Integer.parseInt(text) : 0;
    if (port < 1 || port > LAST_PORT) {
      throw new InvalidSpecException(
          "port \""
              + whole
              + "\": "
              + (text.isEmpty() ? "a number is missing" : "\"" + text + "\" is no port")
              + ": ports are numbers from 1 to "
              + LAST_PORT);
    }
    return port;
  }

  static void check(String what, int number) {
    if (number < 1 || number > LAST_PORT) {
      throw new InvalidSpecException(
          what + " cannot be " + number + ": ports are numbers from 1 to " + LAST_PORT);
    }
  }

  int size() {
    return last - first + 1;
  }
}
