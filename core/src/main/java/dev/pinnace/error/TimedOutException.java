package dev.pinnace.error;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The call's time was over before its work was done. */
public final class TimedOutException extends PinnaceException {
  private static final long serialVersionUID = 1L;

  private final transient List<String> lastLogs;

  public TimedOutException(String message) {
    this(message, List.of());
  }

  public TimedOutException(String message, @Nullable Throwable cause) {
    super(message, cause);
    this.lastLogs = List.of();
  }

  /**
   * @param lastLogs the last lines that the container wrote
   */
  public TimedOutException(String message, List<String> lastLogs) {
    super(message);
    this.lastLogs = List.copyOf(lastLogs);
  }

  /**
   * The last lines of the output of a container that was not ready in time, at most 20; empty
   * wherever else time was over.
   */
  public List<String> lastLogs() {
    return lastLogs == null ? List.of() : lastLogs;
  }
}
