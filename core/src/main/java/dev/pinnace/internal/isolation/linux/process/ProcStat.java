package dev.pinnace.internal.isolation.linux.process;

import java.time.Duration;

/**
 * The line of {@code /proc/pid/stat} (proc(5)).
 *
 * @param name of its program, 15 bytes at most
 * @param state its letter
 * @param parent pid
 * @param session pid of the process that began it
 * @param terminal device number; 0 for none
 * @param cpuTime user and system
 * @param threads how many
 * @param started after boot
 * @param virtualSize in bytes
 */
record ProcStat(
    String name,
    char state,
    long parent,
    long session,
    int terminal,
    Duration cpuTime,
    int threads,
    Duration started,
    long virtualSize) {
  private static final long TICK_MILLIS = 10; // USER_HZ is 100 on all architectures
  private static final int UNIX98_FIRST = 136;
  private static final int UNIX98_LAST = 143;

  /** A name may have blanks and brackets itself: the last one ends it. */
  static ProcStat parse(String line) {
    int open = line.indexOf('(');
    int close = line.lastIndexOf(')');
    String[] fields = line.substring(close + 2).strip().split(" ", -1);
    return new ProcStat(
        line.substring(open + 1, close),
        fields[0].charAt(0),
        Long.parseLong(fields[1]),
        Long.parseLong(fields[3]),
        Integer.parseInt(fields[4]),
        ticks(Long.parseLong(fields[11]) + Long.parseLong(fields[12])),
        Integer.parseInt(fields[17]),
        ticks(Long.parseLong(fields[19])),
        Long.parseUnsignedLong(fields[20]));
  }

  private static Duration ticks(long count) {
    return Duration.ofMillis(count * TICK_MILLIS);
  }

  /** Whether it has ended and is only still to be reaped. */
  boolean hasEnded() {
    return state == 'Z' || state == 'X';
  }

  /** As ps names it. */
  String terminalName() {
    int major = (terminal >> 8) & 0xfff;
    int minor = (terminal & 0xff) | ((terminal >>> 12) & 0xfff00);
    if (terminal == 0) {
      return "?";
    }
    return major >= UNIX98_FIRST && major <= UNIX98_LAST
        ? "pts/" + ((major - UNIX98_FIRST) * 256 + minor)
        : major + ":" + minor;
  }
}
