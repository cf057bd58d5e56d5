package dev.pinnace.oci;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.spec.Digest;
import dev.pinnace.spec.Platform;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageConfigTest {
  /** Layers in small letters, steps without one in capitals. */
  private static ImageConfig image(String steps) {
    List<String> each = steps.chars().mapToObj(Character::toString).toList();
    return new ImageConfig(
        Optional.empty(),
        Optional.empty(),
        Platform.host(),
        ExecutionConfig.of(List.of(), List.of()),
        each.stream()
            .filter(step -> step.equals(step.toLowerCase(Locale.ROOT)))
            .map(step -> Digest.parse("sha256:" + step.repeat(64)))
            .toList(),
        each.stream()
            .map(
                step ->
                    new ImageConfig.History(
                        Optional.empty(),
                        step,
                        "",
                        "",
                        !step.equals(step.toLowerCase(Locale.ROOT))))
            .toList());
  }

  @ParameterizedTest
  @CsvSource(
      value = {
        "ab, a, true",
        "abc, a, true",
        "aX, a, true",
        "aXb, aX, true",
        "a, a, false",
        "a, ab, false",
        "ba, a, false",
        "aYb, aX, false",
        "ab, '', false",
        "aX, X, false",
      })
  void isMadeOn_hasAllOfIt_andMore(String steps, String other, boolean made) {
    assertThat(image(steps).isMadeOn(image(other))).isEqualTo(made);
  }
}
