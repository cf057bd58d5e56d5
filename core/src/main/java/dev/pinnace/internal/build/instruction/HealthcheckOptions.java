package dev.pinnace.internal.build.instruction;

import dev.pinnace.oci.ImageHealthcheck;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code HEALTHCHECK NONE}, or {@code HEALTHCHECK [--interval=30s ...] CMD ...}. */
final class HealthcheckOptions {
  private static final Pattern OPTION = Pattern.compile("--([a-z-]+)=(\\S+)\\s+");
  private static final Pattern DURATION_PART =
      Pattern.compile("(\\d+(?:\\.\\d+)?)(ns|us|µs|ms|s|m|h)");
  private static final Map<String, BigDecimal> NANOS =
      Map.of(
          "ns", BigDecimal.ONE,
          "us", BigDecimal.valueOf(1_000),
          "µs", BigDecimal.valueOf(1_000),
          "ms", BigDecimal.valueOf(1_000_000),
          "s", BigDecimal.valueOf(1_000_000_000),
          "m", BigDecimal.valueOf(60_000_000_000L),
          "h", BigDecimal.valueOf(3_600_000_000_000L));

  private final Instruction instruction;
  private final Map<String, Duration> times = new HashMap<>();
  private int retries;

  private HealthcheckOptions(Instruction instruction) {
    this.instruction = instruction;
  }

  static ImageHealthcheck parse(Instruction instruction) {
    return new HealthcheckOptions(instruction).parse();
  }

  private ImageHealthcheck parse() {
    String rest = instruction.arguments();
    for (Matcher option = OPTION.matcher(rest); option.lookingAt(); option = OPTION.matcher(rest)) {
      option(option.group(1), option.group(2));
      rest = rest.substring(option.end());
    }
    return new ImageHealthcheck(
        test(rest),
        time("interval"),
        time("timeout"),
        time("start-period"),
        time("start-interval"),
        retries);
  }

  private Duration time(String option) {
    return times.getOrDefault(option, Duration.ZERO);
  }

  private void option(String name, String value) {
    switch (name) {
      case "interval", "timeout", "start-period", "start-interval" ->
          times.put(name, duration(name, value));
      case "retries" -> {
        if (!value.matches("\\d{1,9}")) {
          throw instruction.wrong("--retries=" + value + " is no number of times");
        }
        retries = Integer.parseInt(value);
      }
      default ->
          throw instruction.wrong(
              "there is no option --"
                  + name
                  + "; there are --interval, --timeout, --start-period, --start-interval and"
                  + " --retries");
    }
  }

  private Duration duration(String option, String text) {
    Matcher part = DURATION_PART.matcher(text);
    BigDecimal nanos = BigDecimal.ZERO;
    int end = 0;
    while (part.find() && part.start() == end) {
      nanos =
          nanos.add(
              new BigDecimal(part.group(1))
                  .multiply(NANOS.getOrDefault(part.group(2), BigDecimal.ONE)));
      end = part.end();
    }
    if (end != text.length() || nanos.precision() - nanos.scale() > 18) {
      throw instruction.wrong("--" + option + "=" + text + " is no time: write 30s or 1m30s");
    }
    return Duration.ofNanos(nanos.longValue());
  }

  private List<String> test(String rest) {
    String[] parts = rest.split("\\s+", 2);
    String kind = parts[0].toUpperCase(Locale.ROOT);
    if (kind.equals("NONE") && parts.length == 1) {
      return List.of("NONE");
    }
    if (!kind.equals("CMD") || parts.length == 1) {
      throw instruction.wrong("write NONE, or CMD and what is to be run");
    }
    List<String> test = new ArrayList<>();
    ExecForm.parse(parts[1])
        .ifPresentOrElse(
            words -> {
              test.add("CMD");
              test.addAll(words);
            },
            () -> test.addAll(List.of("CMD-SHELL", parts[1])));
    return test;
  }
}
