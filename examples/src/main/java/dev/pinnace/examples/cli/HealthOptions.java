package dev.pinnace.examples.cli;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.HealthSpec;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BiFunction;
import picocli.CommandLine.Option;

/** Flags for the checks of a container's health. */
final class HealthOptions {
  @Option(
      names = "--health-cmd",
      paramLabel = "LINE",
      description = "A line for its shell that ends with 0 while it is well; none for no checks.")
  private Optional<String> command = Optional.empty();

  @Option(
      names = "--health-interval",
      paramLabel = "TIME",
      converter = UnitDuration.class,
      description = "Time between checks, as in 1m30s; 0 for the image's, or 30s.")
  private Optional<Duration> interval = Optional.empty();

  @Option(
      names = "--health-timeout",
      paramLabel = "TIME",
      converter = UnitDuration.class,
      description = "Time after which a check has failed; 0 for the image's, or 30s.")
  private Optional<Duration> timeout = Optional.empty();

  @Option(
      names = "--health-retries",
      paramLabel = "NUMBER",
      description = "Failures in a row that make it unhealthy; 0 for the image's, or 3.")
  private Optional<Integer> retries = Optional.empty();

  @Option(
      names = "--health-start-period",
      paramLabel = "TIME",
      converter = UnitDuration.class,
      description = "Time after its start in which failures do not count; 0 for the image's.")
  private Optional<Duration> startPeriod = Optional.empty();

  @Option(
      names = "--health-start-interval",
      paramLabel = "TIME",
      converter = UnitDuration.class,
      description = "Time between checks until then; 0 for the image's, or 5s.")
  private Optional<Duration> startInterval = Optional.empty();

  @Option(names = "--no-healthcheck", description = "No checks, whatever the image says.")
  private boolean none;

  void addTo(ContainerSpecBuilder spec) {
    HealthSpec asked =
        command
            .filter(line -> !line.isEmpty())
            .map(HealthOptions::test)
            .orElseGet(HealthSpec::image);
    HealthSpec check = with(asked, interval, HealthSpec::withInterval);
    check = with(check, timeout, HealthSpec::withTimeout);
    check = with(check, startPeriod, HealthSpec::withStartPeriod);
    check = with(check, startInterval, HealthSpec::withStartInterval);
    if (retries.isPresent() && retries.get() != 0) {
      check = check.withRetries(retries.get());
    }
    boolean any = !check.equals(HealthSpec.image());
    if (none && any) {
      throw new InvalidSpecException(
          "--no-healthcheck contradicts the flags that begin with --health: leave one out");
    }
    if (none) {
      spec.noHealth();
    } else if (any) {
      spec.health(check);
    }
  }

  /** Podman's word for no checks; a program of that name can be called by its path. */
  private static HealthSpec test(String line) {
    return line.equals("none") ? HealthSpec.none() : HealthSpec.shell(line);
  }

  /** As Docker has it, zero and an empty line say nothing. */
  private static HealthSpec with(
      HealthSpec spec,
      Optional<Duration> time,
      BiFunction<HealthSpec, Duration, HealthSpec> change) {
    return time.filter(given -> !given.isZero())
        .map(given -> change.apply(spec, given))
        .orElse(spec);
  }
}
