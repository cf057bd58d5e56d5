package dev.pinnace.internal.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.oci.ExecutionConfig;
import dev.pinnace.oci.ImageHealthcheck;
import dev.pinnace.spec.HealthSpec;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What a container's health check comes to. */
class HealthResolutionTest {
  private static ExecutionConfig image(Optional<ImageHealthcheck> check, String... shell) {
    return new ExecutionConfig(
        "",
        List.of(),
        List.of(),
        List.of(),
        "",
        new TreeSet<>(),
        new TreeSet<>(),
        Map.of(),
        Optional.empty(),
        check,
        List.of(shell),
        List.of());
  }

  private static Optional<ImageHealthcheck> says(String... test) {
    return Optional.of(
        new ImageHealthcheck(
            List.of(test),
            Duration.ofSeconds(7),
            Duration.ZERO,
            Duration.ofSeconds(9),
            Duration.ZERO,
            4));
  }

  @Test
  void of_nothing() {
    assertThat(HealthResolution.of(Optional.empty(), image(Optional.empty()))).isEmpty();
    assertThat(HealthResolution.of(Optional.empty(), image(says("NONE")))).isEmpty();
    assertThat(HealthResolution.of(Optional.of(HealthSpec.none()), image(says("CMD", "x"))))
        .isEmpty();
    assertThat(HealthResolution.of(Optional.empty(), image(says()))).isEmpty();
    Optional<HealthSpec> times = Optional.of(HealthSpec.image().withRetries(1));
    assertThat(HealthResolution.of(times, image(says("NONE")))).isEmpty();
  }

  @Test
  void of_theImagesWithDefaults() {
    assertThat(HealthResolution.of(Optional.empty(), image(says("CMD-SHELL", "a b"))))
        .contains(
            new HealthSpec(
                List.of("CMD", "/bin/sh", "-c", "a b"),
                Optional.of(Duration.ofSeconds(7)),
                Optional.of(Duration.ofSeconds(30)),
                OptionalInt.of(4),
                Optional.of(Duration.ofSeconds(9)),
                Optional.of(Duration.ofSeconds(5))));
  }

  @Test
  void of_whatIsAskedFor_overTheImages() {
    HealthSpec asked = HealthSpec.image().withInterval(Duration.ofMillis(1)).withRetries(1);
    HealthSpec check =
        HealthResolution.of(Optional.of(asked), image(says("CMD", "x", "y"), "sh")).orElseThrow();
    assertThat(check.test()).containsExactly("CMD", "x", "y");
    assertThat(check.interval()).contains(Duration.ofMillis(1));
    assertThat(check.startPeriod()).contains(Duration.ofSeconds(9));
    assertThat(check.retries()).hasValue(1);
    assertThat(
            HealthResolution.of(
                    Optional.of(HealthSpec.shell("z")), image(says("CMD", "x"), "ash", "-ec"))
                .orElseThrow()
                .test())
        .containsExactly("CMD", "ash", "-ec", "z");
  }

  @Test
  void of_timesWithoutACheck_areRefused() {
    HealthSpec asked = HealthSpec.image().withRetries(2);
    assertThatThrownBy(() -> HealthResolution.of(Optional.of(asked), image(Optional.empty())))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("no health check");
  }

  @Test
  void of_whatAnImageCannotMean_isLeftOut() {
    for (String[] test : new String[][] {{"CMD"}, {"OTHER", "x"}, {"CMD", "a\0b"}, {"CMD-SHELL"}}) {
      assertThat(HealthResolution.of(Optional.empty(), image(says(test)))).isEmpty();
    }
  }

  @Test
  void specs_thatCannotBe_areRefused() {
    HealthSpec spec = HealthSpec.command("x");
    for (Runnable asked :
        new Runnable[] {
          HealthSpec::command,
          () -> HealthSpec.command(""),
          () -> HealthSpec.command("x").withInterval(Duration.ofSeconds(Long.MAX_VALUE)),
          () -> HealthSpec.command("a\0"),
          () -> spec.withInterval(Duration.ZERO),
          () -> spec.withTimeout(Duration.ofNanos(999_999)),
          () -> spec.withStartPeriod(Duration.ofMillis(-1)),
          () -> spec.withStartInterval(Duration.ZERO),
          () -> spec.withRetries(0)
        }) {
      assertThatThrownBy(asked::run).isInstanceOf(InvalidSpecException.class);
    }
  }
}
