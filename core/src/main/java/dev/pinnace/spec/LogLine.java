package dev.pinnace.spec;

import java.nio.charset.StandardCharsets;
import java.time.Instant;

/** A line of a container's output. Immutable. */
public final class LogLine {
  private final Source source;
  private final Instant time;
  private final byte[] bytes;
  private final boolean finished;

  /** Where a line comes from. */
  public enum Source {
    STDOUT,
    STDERR,
    /** Pinnace's own remark, about output that could not be kept for example. */
    NOTE
  }

  /**
   * Makes a line of {@code bytes} without its end.
   *
   * @param finished whether that end was written
   */
  public LogLine(Source source, Instant time, byte[] bytes, boolean finished) {
    this.source = source;
    this.time = time;
    this.bytes = bytes.clone();
    this.finished = finished;
  }

  /** Which stream. */
  public Source source() {
    return source;
  }

  /** When it, or its beginning, was read from the container. */
  public Instant time() {
    return time;
  }

  /** As UTF-8 text, without the line's end. */
  public String text() {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** What the container wrote, without the line's end. */
  public byte[] bytes() {
    return bytes.clone();
  }

  /**
   * Whether the line's end was written. It was not where a program left its last line open, and
   * between the pieces in which a very long line comes.
   */
  public boolean isFinished() {
    return finished;
  }

  @Override
  public String toString() {
    return source + " " + time + " " + text();
  }
}
