package dev.pinnace.internal.container;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.oci.ExecutionConfig;
import dev.pinnace.oci.ImageHealthcheck;
import dev.pinnace.spec.HealthSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What was asked for of a container's health, the image and Docker's defaults, taken together. */
public final class HealthResolution {
  private static final Logger LOG = LoggerFactory.getLogger(HealthResolution.class);
  private static final ImageHealthcheck NOTHING =
      new ImageHealthcheck(
          List.of(), Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO, 0);
  private static final Duration SHORTEST = Duration.ofMillis(1);
  private static final Duration INTERVAL = Duration.ofSeconds(30);
  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final Duration START_INTERVAL = Duration.ofSeconds(5);
  private static final int RETRIES = 3;
  private static final List<String> SHELL = List.of("/bin/sh", "-c");

  private HealthResolution() {}

  /**
   * The check of a container, with a program and every time but that of a start period that there
   * is not; empty for none. As with Docker, times alone give no check to an image that says {@code
   * NONE}.
   *
   * @throws InvalidSpecException if times are asked for, and there is nothing to check
   */
  public static Optional<HealthSpec> of(Optional<HealthSpec> asked, ExecutionConfig image) {
    if (asked.isEmpty() && image.healthcheck().isEmpty()) {
      return Optional.empty();
    }
    ImageHealthcheck check = merged(asked, image).orElse(NOTHING);
    if (check.test().isEmpty() && asked.isPresent()) {
      throw new InvalidSpecException(
          "the image has no health check whose times could be others: give a command too");
    }
    return command(check.test(), image).map(command -> filled(command, check));
  }

  /** What an image of the container says of its health. */
  public static Optional<ImageHealthcheck> merged(
      Optional<HealthSpec> asked, ExecutionConfig image) {
    if (asked.isEmpty()) {
      return image.healthcheck();
    }
    HealthSpec spec = asked.get();
    ImageHealthcheck base = image.healthcheck().orElse(NOTHING);
    return Optional.of(
        new ImageHealthcheck(
            spec.test().isEmpty() ? base.test() : spec.test(),
            spec.interval().orElse(base.interval()),
            spec.timeout().orElse(base.timeout()),
            spec.startPeriod().orElse(base.startPeriod()),
            spec.startInterval().orElse(base.startInterval()),
            spec.retries().orElse(base.retries())));
  }

  /** An image may say anything; a check that nobody can run must not keep it from being used. */
  private static Optional<List<String>> command(List<String> test, ExecutionConfig image) {
    HealthSpec valid;
    try {
      valid =
          new HealthSpec(
              test,
              Optional.empty(),
              Optional.empty(),
              OptionalInt.empty(),
              Optional.empty(),
              Optional.empty());
    } catch (InvalidSpecException unknown) {
      LOG.warn("the image's health check is left out: {}", unknown.getMessage());
      return Optional.empty();
    }
    if (test.isEmpty() || valid.isNone()) {
      return Optional.empty();
    }
    List<String> command = new ArrayList<>();
    if (test.get(0).equals("CMD-SHELL")) {
      command.addAll(image.shell().isEmpty() ? SHELL : image.shell());
    }
    command.addAll(test.subList(1, test.size()));
    return Optional.of(command);
  }

  private static HealthSpec filled(List<String> command, ImageHealthcheck check) {
    HealthSpec filled =
        HealthSpec.command(command.toArray(String[]::new))
            .withInterval(orDefault(check.interval(), INTERVAL))
            .withTimeout(orDefault(check.timeout(), TIMEOUT))
            .withStartInterval(orDefault(check.startInterval(), START_INTERVAL))
            .withRetries(check.retries() > 0 ? check.retries() : RETRIES);
    return isSaid(check.startPeriod()) ? filled.withStartPeriod(check.startPeriod()) : filled;
  }

  private static Duration orDefault(Duration said, Duration otherwise) {
    return isSaid(said) ? said : otherwise;
  }

  private static boolean isSaid(Duration time) {
    return time.compareTo(SHORTEST) >= 0;
  }
}
