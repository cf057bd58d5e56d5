package dev.pinnace.benchmarks;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** What every benchmark can be told. */
final class Choices {
  @Option(
      names = "--runs",
      paramLabel = "N",
      description = "measured runs of each contender (default: ${DEFAULT-VALUE})")
  private int runs = 500;

  @Option(
      names = "--warm-up",
      paramLabel = "N",
      description = "runs of each contender that are not measured (default: ${DEFAULT-VALUE})")
  private int warmUps = 50;

  @Option(
      names = "--only",
      split = ",",
      paramLabel = "NAME",
      description = "only contenders whose names begin so")
  private List<String> only = new ArrayList<>();

  /** Whether a contender of that name takes part. */
  boolean wants(String name) {
    return only.isEmpty() || only.stream().anyMatch(name::startsWith);
  }

  /** Those that take part. */
  Race race(List<Contender> all) {
    return new Race(all.stream().filter(c -> wants(c.name())).toList(), warmUps, runs);
  }
}
