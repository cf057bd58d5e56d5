package dev.pinnace.spec;

import dev.pinnace.error.InvalidSpecException;
import java.util.Locale;
import java.util.Map;

/**
 * A signal of signal(7).
 *
 * @param number 1 to 64
 */
public record Signal(int number) {
  public static final Signal HUP = new Signal(1);
  public static final Signal INT = new Signal(2);
  public static final Signal QUIT = new Signal(3);
  public static final Signal KILL = new Signal(9);
  public static final Signal USR1 = new Signal(10);
  public static final Signal USR2 = new Signal(12);
  public static final Signal TERM = new Signal(15);

  private static final int RTMIN = 34;
  private static final int RTMAX = 64;
  private static final Map<String, Integer> NAMES =
      Map.ofEntries(
          Map.entry("HUP", 1),
          Map.entry("INT", 2),
          Map.entry("QUIT", 3),
          Map.entry("ILL", 4),
          Map.entry("TRAP", 5),
          Map.entry("ABRT", 6),
          Map.entry("IOT", 6),
          Map.entry("BUS", 7),
          Map.entry("FPE", 8),
          Map.entry("KILL", 9),
          Map.entry("USR1", 10),
          Map.entry("SEGV", 11),
          Map.entry("USR2", 12),
          Map.entry("PIPE", 13),
          Map.entry("ALRM", 14),
          Map.entry("TERM", 15),
          Map.entry("STKFLT", 16),
          Map.entry("CHLD", 17),
          Map.entry("CONT", 18),
          Map.entry("STOP", 19),
          Map.entry("TSTP", 20),
          Map.entry("TTIN", 21),
          Map.entry("TTOU", 22),
          Map.entry("URG", 23),
          Map.entry("XCPU", 24),
          Map.entry("XFSZ", 25),
          Map.entry("VTALRM", 26),
          Map.entry("PROF", 27),
          Map.entry("WINCH", 28),
          Map.entry("IO", 29),
          Map.entry("POLL", 29),
          Map.entry("PWR", 30),
          Map.entry("SYS", 31));

  public Signal {
    if (number < 1 || number > RTMAX) {
      throw new InvalidSpecException(
          "there is no signal " + number + ": signals are 1 to " + RTMAX);
    }
  }

  /**
   * Reads {@code SIGTERM}, {@code term}, {@code 15} or {@code RTMIN+3}.
   *
   * @throws InvalidSpecException for a signal that does not exist
   */
  public static Signal parse(String text) {
    String name = text.strip().toUpperCase(Locale.ROOT);
    if (name.matches("\\d{1,3}")) {
      return new Signal(Integer.parseInt(name));
    }
    String bare = name.startsWith("SIG") ? name.substring(3) : name;
    Integer number = NAMES.get(bare);
    if (number != null) {
      return new Signal(number);
    }
    if (bare.matches("RTMIN(\\+\\d{1,2})?")) {
      return new Signal(RTMIN + (bare.length() > 6 ? Integer.parseInt(bare.substring(6)) : 0));
    }
    if (bare.matches("RTMAX(-\\d{1,2})?")) {
      return new Signal(RTMAX - (bare.length() > 6 ? Integer.parseInt(bare.substring(6)) : 0));
    }
    throw new InvalidSpecException(
        "\"" + text + "\" is not a signal: use a name such as SIGTERM or a number from 1 to 64");
  }

  @Override
  public String toString() {
    return NAMES.entrySet().stream()
        .filter(e -> e.getValue() == number)
        .map(e -> "SIG" + e.getKey())
        .sorted()
        .findFirst()
        .orElse(number >= RTMIN ? "SIGRTMIN+" + (number - RTMIN) : "signal " + number);
  }
}
