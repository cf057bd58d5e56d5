package dev.pinnace.spec;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * How a container ended.
 *
 * @param code its exit code, 128 and the signal that ended it, or -1 where nobody knows
 * @param signal that ended it
 * @param outOfMemory whether the kernel ended a process of it for want of memory
 * @param timedOut whether it was ended at its time limit
 * @param stopped whether it was ended on request
 * @param outputExceeded whether it was ended for writing too much
 * @param remark what else is to be said, such as {@code supervisor killed}, why it could not be
 *     started, or that output is missing from its log because the disk was full; empty for nothing
 * @param started when its last run began
 * @param finished when it ended
 * @param restarts how often it had been started again
 * @param usage what it used
 */
public record ExitStatus(
    int code,
    Optional<Signal> signal,
    boolean outOfMemory,
    boolean timedOut,
    boolean stopped,
    boolean outputExceeded,
    String remark,
    Optional<Instant> started,
    Optional<Instant> finished,
    int restarts,
    Usage usage) {
  /** Exit code where nobody knows. */
  public static final int UNKNOWN = -1;

  /**
   * What a container used.
   *
   * @param cpu processor time of its last run
   * @param peakMemory at most at once, in all runs since it was started; of the last run's largest
   *     process where there is no memory controller
   */
  public record Usage(Duration cpu, Bytes peakMemory) {}

  /** Whether it exited by itself with 0. */
  public boolean isSuccess() {
    return code == 0;
  }

  /** Whether anybody knows how it ended. */
  public boolean isKnown() {
    return code != UNKNOWN;
  }
}
