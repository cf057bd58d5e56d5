package dev.pinnace.examples.cli;

import dev.pinnace.error.InvalidSpecException;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.TypeConversionException;

/** Points in time as people write them, and ages as people read them. */
final class Times {
  private static final Pattern SECONDS = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,3})?)([smh]?)");

  private static final DateTimeFormatter AT =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss xx zzz", Locale.ENGLISH);

  private Times() {}

  /** Reads a time of RFC 3339, seconds since 1970, or an age as in {@code 1h30m}. */
  static Instant parse(String flag, String text, Instant now) {
    try {
      if (text.matches("\\d+(\\.\\d{1,9})?")) {
        BigDecimal seconds = new BigDecimal(text);
        return Instant.ofEpochSecond(seconds.longValue())
            .plusNanos(seconds.remainder(BigDecimal.ONE).movePointRight(9).longValue());
      }
      if (text.matches("(\\d+h)?(\\d+m)?(\\d+(\\.\\d+)?s)?")) {
        return now.minus(Duration.parse("PT" + text.toUpperCase(Locale.ROOT)));
      }
      if (text.matches(".*T.*(Z|[+-]\\d\\d:\\d\\d)")) {
        return OffsetDateTime.parse(text).toInstant();
      }
      LocalDateTime local =
          text.contains("T") ? LocalDateTime.parse(text) : LocalDate.parse(text).atStartOfDay();
      return local.atZone(ZoneId.systemDefault()).toInstant();
    } catch (DateTimeException | ArithmeticException e) {
      throw new InvalidSpecException(
          flag
              + " "
              + text
              + " is not a time: write 2026-01-31T12:00:00Z, seconds since 1970, or an age as in"
              + " 1h30m",
          e);
    }
  }

  /** Seconds as flags have them: {@code 10}, {@code 1.5}, or with a unit {@code 1.5s} or 2m. */
  static Duration seconds(String text) {
    Matcher matcher = SECONDS.matcher(text);
    if (!matcher.matches()) {
      throw new TypeConversionException(
          "\""
              + text
              + "\" is not a time: write seconds, up to 9 digits, as in 10 or 1.5, or 2m or 1h");
    }
    long unit = "m".equals(matcher.group(2)) ? 60 : "h".equals(matcher.group(2)) ? 3600 : 1;
    return Duration.ofMillis(
        new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(1000 * unit)).longValue());
  }

  static Double decimal(String text) {
    try {
      return Double.valueOf(text);
    } catch (NumberFormatException e) {
      throw new TypeConversionException("\"" + text + "\" is not a number");
    }
  }

  static Long whole(String text) {
    try {
      return Long.valueOf(text);
    } catch (NumberFormatException e) {
      throw new TypeConversionException("\"" + text + "\" is not a whole number");
    }
  }

  static Integer small(String text) {
    try {
      return Integer.valueOf(text);
    } catch (NumberFormatException e) {
      throw new TypeConversionException("\"" + text + "\" is not a whole number");
    }
  }

  static int lines(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new InvalidSpecException("--tail " + text + ": write a number, or all", e);
    }
  }

  /** {@code 2026-01-31 12:00:00 +0000 UTC}, as Docker writes it. */
  static String at(Instant time) {
    return AT.format(time.atZone(ZoneId.systemDefault()));
  }

  /** {@code 5 minutes}. */
  static String span(Duration duration) {
    long seconds = Math.max(0, duration.toSeconds());
    long minutes = seconds / 60;
    long hours = (seconds + 1800) / 3600; // rounded
    long days = hours / 24;
    if (seconds < 1) {
      return "Less than a second";
    } else if (seconds < 60) {
      return seconds == 1 ? "1 second" : seconds + " seconds";
    } else if (minutes < 60) {
      return minutes == 1 ? "About a minute" : minutes + " minutes";
    } else if (hours < 48) {
      return hours == 1 ? "About an hour" : hours + " hours";
    } else if (days < 2 * 7) {
      return days + " days";
    } else if (days < 2 * 30) {
      return days / 7 + " weeks";
    }
    return days < 2 * 365 ? days / 30 + " months" : days / 365 + " years";
  }

  static String ago(Instant then, Instant now) {
    return span(Duration.between(then, now)) + " ago";
  }
}
