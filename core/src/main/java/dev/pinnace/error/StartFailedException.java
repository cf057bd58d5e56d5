package dev.pinnace.error;

import java.util.List;

/**
 * A container or exec could not be started: {@link #step()} names what failed. Nothing of it is
 * left.
 */
public final class StartFailedException extends PinnaceException {
  private static final long serialVersionUID = 1L;

  private final String step;
  private final int errno;
  private final transient List<String> lastLogs;

  /**
   * @param step what was attempted
   * @param errno the kernel's answer; 0 where it was not the kernel
   * @param lastLogs the last lines that it wrote
   */
  public StartFailedException(String message, String step, int errno, List<String> lastLogs) {
    super(message);
    this.step = step;
    this.errno = errno;
    this.lastLogs = List.copyOf(lastLogs);
  }

  /** The same failure with the last lines that the container wrote. */
  public StartFailedException withLastLogs(List<String> lines) {
    StartFailedException with =
        new StartFailedException(String.valueOf(getMessage()), step, errno, lines);
    with.setStackTrace(getStackTrace());
    for (Throwable suppressed : getSuppressed()) {
      with.addSuppressed(suppressed);
    }
    return with;
  }

  /** What was attempted, in words. */
  public String step() {
    return step;
  }

  /** The kernel's error number; 0 where it was not the kernel. */
  public int errno() {
    return errno;
  }

  /**
   * The last lines of the output of the container, at most 20, which may come from an earlier run;
   * empty where there are none.
   */
  public List<String> lastLogs() {
    return lastLogs == null ? List.of() : lastLogs;
  }

  /**
   * What a shell's exit status would be: 126 for a program that cannot be executed, 127 for one
   * that is not there, else 125.
   */
  public int exitCode() {
    if (!step.startsWith("execute ")) {
      return 125;
    }
    return errno == ENOENT || errno == ENOTDIR ? 127 : 126;
  }

  private static final int ENOENT = 2;
  private static final int ENOTDIR = 20;
}
