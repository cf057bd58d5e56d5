package dev.pinnace.spec;

import dev.pinnace.error.InvalidSpecException;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Which lines of a log. Everything by default.
 *
 * @param stdout whether lines of standard output are wanted
 * @param stderr whether lines of standard error are wanted
 * @param since not older than this
 * @param until older than this
 * @param tail the last so many of them
 */
public record LogQuery(
    boolean stdout,
    boolean stderr,
    Optional<Instant> since,
    Optional<Instant> until,
    OptionalInt tail) {
  public static LogQuery all() {
    return new LogQuery(true, true, Optional.empty(), Optional.empty(), OptionalInt.empty());
  }

  public LogQuery stdoutOnly() {
    return new LogQuery(true, false, since, until, tail);
  }

  public LogQuery stderrOnly() {
    return new LogQuery(false, true, since, until, tail);
  }

  public LogQuery since(Instant time) {
    Objects.requireNonNull(time, "time");
    return new LogQuery(stdout, stderr, Optional.of(time), until, tail);
  }

  public LogQuery until(Instant time) {
    Objects.requireNonNull(time, "time");
    return new LogQuery(stdout, stderr, since, Optional.of(time), tail);
  }

  public LogQuery tail(int lines) {
    if (lines < 0) {
      throw new InvalidSpecException("the number of lines cannot be negative: " + lines);
    }
    return new LogQuery(stdout, stderr, since, until, OptionalInt.of(lines));
  }

  /** Whether {@code line} is of a wanted stream and time. */
  public boolean matches(LogLine line) {
    boolean wanted =
        switch (line.source()) {
          case STDOUT -> stdout;
          case STDERR -> stderr;
          case NOTE -> stderr;
        };
    return wanted
        && since.map(s -> !line.time().isBefore(s)).orElse(true)
        && until.map(u -> line.time().isBefore(u)).orElse(true);
  }
}
