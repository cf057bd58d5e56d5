package dev.pinnace.examples.cli;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import picocli.CommandLine.ITypeConverter;

/** The time between stop signal and SIGKILL, as flags have it: negative for as long as it takes. */
final class Grace implements ITypeConverter<Duration> {
  private static final Duration FOREVER = ChronoUnit.FOREVER.getDuration();

  @Override
  public Duration convert(String text) {
    return text.matches("-\\d{1,9}") ? FOREVER : Times.seconds(text);
  }

  /** In whole seconds, as {@code inspect} has it: -1 for as long as it takes. */
  static long seconds(Duration grace) {
    return grace.equals(FOREVER) ? -1 : grace.toSeconds();
  }
}
