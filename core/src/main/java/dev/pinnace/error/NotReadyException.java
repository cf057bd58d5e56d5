package dev.pinnace.error;

import java.util.List;

/** A container ended before it was ready. */
public final class NotReadyException extends PinnaceException {
  private static final long serialVersionUID = 1L;

  private final int exitCode;
  private final transient List<String> lastLogs;

  /**
   * @param exitCode of the container; -1 where nobody knows
   * @param lastLogs the last lines that it wrote
   */
  public NotReadyException(String message, int exitCode, List<String> lastLogs) {
    super(message);
    this.exitCode = exitCode;
    this.lastLogs = List.copyOf(lastLogs);
  }

  /** Its exit code, 128 and the signal that ended it, or -1 where nobody knows. */
  public int exitCode() {
    return exitCode;
  }

  /** The last lines of its output, at most 20; empty where there are none. */
  public List<String> lastLogs() {
    return lastLogs == null ? List.of() : lastLogs;
  }
}
