package dev.pinnace.spi.isolation;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * How a container ended.
 *
 * @param code its exit code, or 128 and the signal
 * @param signal 0 if it exited by itself
 * @param started empty if it never did
 * @param finished when it ended
 * @param restarts how often it was started again
 * @param causes what else is to be said
 * @param oomKills processes that the kernel ended for want of memory
 * @param logDropped output that was not kept
 * @param cpu time that it used
 * @param peakMemory in bytes
 * @param failure why it could not be started; empty if it was
 */
public record ExitRecord(
    int code,
    int signal,
    Optional<Instant> started,
    Instant finished,
    int restarts,
    Set<Cause> causes,
    int oomKills,
    long logDropped,
    Duration cpu,
    long peakMemory,
    String failure) {
  /** Circumstances of an end. */
  public enum Cause {
    OUT_OF_MEMORY,
    TIME_LIMIT,
    STOPPED,
    OUTPUT_LIMIT,
    NEVER_STARTED,
    ENGINE_ENDED
  }

  public ExitRecord {
    causes = Set.copyOf(causes);
  }
}
