package dev.pinnace.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.InvalidSpecException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageFilterTest {
  private static final Instant NOON = Instant.parse("2026-05-01T12:00:00Z");

  private static ImageSummary image(String... names) {
    Digest id = new Digest("0".repeat(64));
    return new ImageSummary(
        id, id, List.of(names), Optional.of(NOON), Map.of("a", "1"), Bytes.of(5), Optional.empty());
  }

  @ParameterizedTest
  @CsvSource({
    "busybox, true",
    "busybox:1.36, true",
    "busy*, true",
    "busybox:1.*, true",
    "busybo?, true",
    "[abc]usybox, true",
    "busybox:2, false",
    "box, false",
    "*/busybox, false",
    "'busybox:{1.36,2}', false",
  })
  void reference_pattern_isComparedAsAShellWould(String pattern, boolean fits) {
    ImageFilter filter = ImageFilter.all().reference(pattern);
    assertThat(filter.matches(image("busybox:1.36"))).isEqualTo(fits);
  }

  @Test
  void reference_starInAPath_staysInsideItsComponent() {
    ImageSummary image = image("quay.io/team/app:1");
    assertThat(ImageFilter.all().reference("quay.io/*/app").matches(image)).isTrue();
    assertThat(ImageFilter.all().reference("quay.io/*").matches(image)).isFalse();
    assertThat(ImageFilter.all().reference("**/app").matches(image)).isFalse();
  }

  @Test
  void reference_noPattern_isRefusedAtOnce() {
    assertThatThrownBy(() -> ImageFilter.all().reference("[a"))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("\"[a\" is not a pattern");
  }

  @Test
  void severalReferences_one_isEnough() {
    ImageFilter filter = ImageFilter.all().reference("x").reference("busybox");
    assertThat(filter.matches(image("busybox:1.36"))).isTrue();
  }

  @Test
  void matchesName_oneOfSeveralNames_isToldFromTheOthers() {
    ImageFilter filter = ImageFilter.all().reference("b*:1");
    assertThat(filter.matches(image("busybox:1", "other:1"))).isTrue();
    assertThat(filter.matchesName("busybox:1")).isTrue();
    assertThat(filter.matchesName("busybox:2")).isFalse();
    assertThat(filter.matchesName("other:1")).isFalse();
    assertThat(ImageFilter.all().matchesName("other:1")).isTrue();
  }

  @Test
  void dangling_namelessOrNamed() {
    assertThat(ImageFilter.all().dangling(true).matches(image())).isTrue();
    assertThat(ImageFilter.all().dangling(true).matches(image("a:1"))).isFalse();
    assertThat(ImageFilter.all().dangling(false).matches(image())).isFalse();
  }

  @Test
  void labels_wantedAndUnwanted() {
    assertThat(ImageFilter.all().label("a").matches(image())).isTrue();
    assertThat(ImageFilter.all().label("a", "1").matches(image())).isTrue();
    assertThat(ImageFilter.all().label("a", "2").matches(image())).isFalse();
    assertThat(ImageFilter.all().withoutLabel("a", "").matches(image())).isFalse();
    assertThat(ImageFilter.all().withoutLabel("a", "2").matches(image())).isTrue();
    assertThat(ImageFilter.all().withoutLabel("b", "").matches(image())).isTrue();
  }

  @Test
  void labels_severalValuesOfOneKey_allCount() {
    assertThat(ImageFilter.all().label("a", "2").label("a", "1").matches(image())).isFalse();
    assertThat(ImageFilter.all().label("a", "2").label("a").matches(image())).isFalse();
    assertThat(ImageFilter.all().label("a").label("a", "1").matches(image())).isTrue();
    assertThat(ImageFilter.all().withoutLabel("a", "1").withoutLabel("a", "2").matches(image()))
        .isFalse();
    assertThat(ImageFilter.all().withoutLabel("a", "3").withoutLabel("a", "2").matches(image()))
        .isTrue();
  }

  @Test
  void dangling_nameWithADigest_isNoTag() {
    String digest = "@sha256:" + "0".repeat(64);
    assertThat(ImageFilter.all().dangling(true).matches(image("a" + digest))).isTrue();
    assertThat(ImageFilter.all().dangling(false).matches(image("a" + digest))).isFalse();
    assertThat(ImageFilter.all().dangling(true).matches(image("a" + digest, "b:1"))).isFalse();
  }

  @Test
  void created_moment_belongsToNeitherSide() {
    assertThat(ImageFilter.all().createdBefore(NOON).matches(image())).isFalse();
    assertThat(ImageFilter.all().createdAfter(NOON).matches(image())).isFalse();
    assertThat(ImageFilter.all().createdBefore(NOON.plusNanos(1)).matches(image())).isTrue();
    assertThat(ImageFilter.all().createdAfter(NOON.minusNanos(1)).matches(image())).isTrue();
  }

  @Test
  void created_unknown_isNeitherBeforeNorAfter() {
    Digest id = new Digest("0".repeat(64));
    ImageSummary image =
        new ImageSummary(
            id, id, List.of(), Optional.empty(), Map.of(), Bytes.of(0), Optional.empty());
    assertThat(ImageFilter.all().createdBefore(NOON).matches(image)).isFalse();
    assertThat(ImageFilter.all().createdAfter(NOON).matches(image)).isFalse();
  }
}
