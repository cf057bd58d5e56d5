package dev.pinnace.examples.cli;

import dev.pinnace.oci.ImageHealthcheck;
import dev.pinnace.spec.Health;
import dev.pinnace.spec.HealthSpec;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** A container's health as {@code docker inspect} prints it. */
final class HealthDocument {
  private HealthDocument() {}

  /** Of its state. */
  static Map<String, Object> of(Health health) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("Status", health.status().word());
    document.put("FailingStreak", health.failingStreak());
    document.put("Log", health.log().stream().map(HealthDocument::check).toList());
    return document;
  }

  private static Map<String, Object> check(Health.Check check) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("Start", check.start().toString());
    document.put("End", check.end().toString());
    document.put("ExitCode", check.exitCode());
    document.put("Output", check.output());
    return document;
  }

  /** Of its configuration: what was asked for, where it was, else what the image says. */
  static Optional<Map<String, Object>> config(
      Optional<HealthSpec> asked, Optional<ImageHealthcheck> image) {
    if (asked.isEmpty() && image.isEmpty()) {
      return Optional.empty();
    }
    HealthSpec spec = asked.orElseGet(HealthSpec::image);
    Map<String, Object> config = new LinkedHashMap<>();
    config.put(
        "Test",
        spec.test().isEmpty()
            ? image.map(ImageHealthcheck::test).orElse(spec.test())
            : spec.test());
    put(config, "Interval", spec.interval().or(() -> image.map(ImageHealthcheck::interval)));
    put(config, "Timeout", spec.timeout().or(() -> image.map(ImageHealthcheck::timeout)));
    put(
        config,
        "StartPeriod",
        spec.startPeriod().or(() -> image.map(ImageHealthcheck::startPeriod)));
    put(
        config,
        "StartInterval",
        spec.startInterval().or(() -> image.map(ImageHealthcheck::startInterval)));
    int retries = spec.retries().orElse(image.map(ImageHealthcheck::retries).orElse(0));
    if (retries != 0) {
      config.put("Retries", retries);
    }
    return Optional.of(config);
  }

  private static void put(Map<String, Object> config, String name, Optional<Duration> time) {
    time.filter(given -> !given.isZero()).ifPresent(given -> config.put(name, given.toNanos()));
  }
}
