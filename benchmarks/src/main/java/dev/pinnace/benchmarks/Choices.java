package dev.pinnace.benchmarks;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** What every benchmark can be told. */
final class Choices {
  @Option(
      names = "--runs",
      paramLabel = "N",
      description = "measured runs of each contender (default: 500, of a whole JVM 20)")
  private int runs = -1;

  @Option(
      names = "--warm-up",
      paramLabel = "N",
      description = "runs of each contender that are not measured (default: 50, of a whole JVM 2)")
  private int warmUps = -1;

  @Option(
      names = "--only",
      split = ",",
      paramLabel = "NAME",
      description = "only contenders whose names begin so")
  private List<String> only = new ArrayList<>();

  /** What holds where nothing was said. */
  void defaultTo(int newRuns, int newWarmUps) {
    runs = runs < 0 ? newRuns : runs;
    warmUps = warmUps < 0 ? newWarmUps : warmUps;
  }

  /** How many runs are measured. */
  int runs() {
    return runs;
  }

  /** How many are not. */
  int warmUps() {
    return warmUps;
  }

  /** Whether a contender of that name takes part. */
  boolean wants(String name) {
    return only.isEmpty() || only.stream().anyMatch(name::startsWith);
  }

  /** Those that take part. */
  Race race(List<Contender> all) {
    defaultTo(500, 50);
    return new Race(all.stream().filter(c -> wants(c.name())).toList(), warmUps, runs);
  }
}
