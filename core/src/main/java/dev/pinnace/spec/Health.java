package dev.pinnace.spec;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What the checks of a container's health have come to. Immutable.
 *
 * @param status in a word
 * @param failingStreak how many failures in a row there were that count
 * @param log the last five checks, the oldest first
 */
public record Health(Status status, int failingStreak, List<Check> log) {
  /** Of a run that has not been checked yet. */
  public static final Health UNKNOWN = new Health(Status.STARTING, 0, List.of());

  /** How a container is. */
  public enum Status {
    /** No check has succeeded, and not so many have failed that it is unhealthy. */
    STARTING,
    HEALTHY,
    UNHEALTHY;

    /** Docker's word for it, as in {@code healthy}. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * A check.
   *
   * @param start when it began
   * @param end when it had ended
   * @param exitCode of its program; -1 if it was killed at its time limit
   * @param output the first 4,096 bytes of what it wrote as text, or why it could not be executed
   */
  public record Check(Instant start, Instant end, int exitCode, String output) {}

  public Health {
    log = List.copyOf(log);
  }

  /** When it was checked last, in its present or last run: how old all this is. */
  public Optional<Instant> checked() {
    return log.isEmpty() ? Optional.empty() : Optional.of(log.get(log.size() - 1).end());
  }
}
