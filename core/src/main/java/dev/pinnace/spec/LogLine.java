package dev.pinnace.spec;

import java.time.Instant;

/**
 * A line of a container's output.
 *
 * @param source which stream
 * @param time when it, or its beginning, was read from the container
 * @param text without the line's end
 */
public record LogLine(Source source, Instant time, String text) {
  /** Where a line comes from. */
  public enum Source {
    STDOUT,
    STDERR,
    /** Pinnace's own remark, about output that could not be kept for example. */
    NOTE
  }
}
