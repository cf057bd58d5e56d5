package dev.pinnace.examples.cli;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Times with units, as Docker's flags for health checks have them: {@code 1m30s}, or 0. */
final class UnitDuration implements ITypeConverter<Duration> {
  private static final Pattern PART = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,9})?)(h|ms|m|s|us|ns)");
  private static final Map<String, Long> NANOS =
      Map.of(
          "h", 3_600_000_000_000L,
          "m", 60_000_000_000L,
          "s", 1_000_000_000L,
          "ms", 1_000_000L,
          "us", 1_000L,
          "ns", 1L);

  @Override
  public Duration convert(String text) {
    if (text.equals("0")) {
      return Duration.ZERO;
    }
    Duration sum = Duration.ZERO;
    Matcher part = PART.matcher(text);
    int end = 0;
    while (part.find() && part.start() == end) {
      long nanos = NANOS.getOrDefault(part.group(2), 0L);
      BigDecimal length = new BigDecimal(part.group(1)).multiply(BigDecimal.valueOf(nanos));
      BigDecimal[] seconds = length.divideAndRemainder(BigDecimal.valueOf(1_000_000_000L));
      sum = sum.plusSeconds(seconds[0].longValue()).plusNanos(seconds[1].longValue());
      end = part.end();
    }
    if (end == 0 || end != text.length()) {
      throw new TypeConversionException(
          "\"" + text + "\" is not a time: write it with units, as in 30s, 1m30s or 500ms");
    }
    return sum;
  }
}
