package dev.pinnace.benchmarks;

import java.util.Locale;
import java.util.Map;

/** Prints durations and how many times the reference each one is. */
final class Table {
  private static final String ROW = "%-28s %6s %9s %9s %9s %8s%n";

  private Table() {}

  /**
   * One line for each contender.
   *
   * @param reference the contender that the ratios refer to; left out if it was not measured
   */
  static String of(Map<String, Samples> results, String reference) {
    Samples base = results.get(reference);
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            ROW,
            "",
            "runs",
            "p50 ms",
            "p99 ms",
            "min ms",
            base == null ? "" : "ratio"));
    results.forEach(
        (name, samples) ->
            text.append(
                String.format(
                    Locale.ROOT,
                    ROW,
                    name,
                    samples.count(),
                    millis(samples.quantile(0.5)),
                    millis(samples.quantile(0.99)),
                    millis(samples.quantile(0)),
                    base == null ? "" : ratio(samples, base))));
    if (base != null) {
      text.append("ratio: p50 over the p50 of ").append(reference).append(System.lineSeparator());
    }
    return text.toString();
  }

  private static String ratio(Samples samples, Samples base) {
    return String.format(Locale.ROOT, "%.3f", samples.quantile(0.5) / base.quantile(0.5));
  }

  private static String millis(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }
}
