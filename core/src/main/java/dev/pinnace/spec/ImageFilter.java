package dev.pinnace.spec;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Which images are meant. All conditions must hold. Immutable. A damaged image, of which nothing
 * but its names is known, is meant by {@link #all} and by conditions on names only.
 *
 * @param dangling whether those without a name (true) or with one (false); empty for both
 * @param labels these with these values; an empty value for any
 * @param withoutLabels none of these with these values; an empty value for any
 * @param createdBefore made before that moment
 * @param createdAfter made after that moment
 * @param references any of these patterns fits one of its names, see {@link #reference}; what is no
 *     pattern is an {@link dev.pinnace.error.InvalidSpecException}
 */
public record ImageFilter(
    Optional<Boolean> dangling,
    Map<String, String> labels,
    Map<String, String> withoutLabels,
    Optional<Instant> createdBefore,
    Optional<Instant> createdAfter,
    List<String> references) {
  public ImageFilter {
    labels = Map.copyOf(labels);
    withoutLabels = Map.copyOf(withoutLabels);
    references = List.copyOf(references);
    references.forEach(NamePattern::of);
  }

  /** Every image. */
  public static ImageFilter all() {
    return new ImageFilter(
        Optional.empty(), Map.of(), Map.of(), Optional.empty(), Optional.empty(), List.of());
  }

  /** Those without a name, or those with one. */
  public ImageFilter dangling(boolean nameless) {
    return new ImageFilter(
        Optional.of(nameless), labels, withoutLabels, createdBefore, createdAfter, references);
  }

  /** Those with the label, whatever its value. */
  public ImageFilter label(String key) {
    Objects.requireNonNull(key, "key");
    return label(key, "");
  }

  public ImageFilter label(String key, String value) {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(value, "value");
    return new ImageFilter(
        dangling, with(labels, key, value), withoutLabels, createdBefore, createdAfter, references);
  }

  /** Those without the label, or where {@code value} is not empty without that value of it. */
  public ImageFilter withoutLabel(String key, String value) {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(value, "value");
    return new ImageFilter(
        dangling, labels, with(withoutLabels, key, value), createdBefore, createdAfter, references);
  }

  /** Those that say they were made before {@code moment}. */
  public ImageFilter createdBefore(Instant moment) {
    Objects.requireNonNull(moment, "moment");
    return new ImageFilter(
        dangling, labels, withoutLabels, Optional.of(moment), createdAfter, references);
  }

  /** Those that say they were made after {@code moment}. */
  public ImageFilter createdAfter(Instant moment) {
    Objects.requireNonNull(moment, "moment");
    return new ImageFilter(
        dangling, labels, withoutLabels, createdBefore, Optional.of(moment), references);
  }

  /**
   * Those of which a name fits {@code pattern}, or any other pattern that was given. It is compared
   * with the name as Docker shows it, with its tag and without; {@code *} and {@code ?} stand for
   * characters other than {@code /}, {@code [a-z]} for one of them.
   */
  public ImageFilter reference(String pattern) {
    Objects.requireNonNull(pattern, "pattern");
    List<String> more = new ArrayList<>(references);
    more.add(pattern);
    return new ImageFilter(dangling, labels, withoutLabels, createdBefore, createdAfter, more);
  }

  private static Map<String, String> with(Map<String, String> map, String key, String value) {
    Map<String, String> more = new HashMap<>(map);
    more.put(key, value);
    return more;
  }

  /** Whether {@code image} fulfils every condition. */
  public boolean matches(ImageSummary image) {
    return dangling.map(wanted -> wanted == image.references().isEmpty()).orElse(true)
        && Labels.match(image.labels(), labels, withoutLabels)
        && createdBefore.map(end -> image.created().filter(end::isAfter).isPresent()).orElse(true)
        && createdAfter.map(end -> image.created().filter(end::isBefore).isPresent()).orElse(true)
        && (references.isEmpty() || image.references().stream().anyMatch(this::matchesName));
  }

  /**
   * Whether one of the patterns of {@link #reference} fits {@code name}, which is written as in
   * {@link ImageSummary#references}; true if there is no pattern.
   */
  public boolean matchesName(String name) {
    Objects.requireNonNull(name, "name");
    return references.isEmpty()
        || references.stream().anyMatch(pattern -> NamePattern.of(pattern).matches(name));
  }
}
