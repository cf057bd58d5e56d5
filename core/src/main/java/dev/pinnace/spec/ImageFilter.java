package dev.pinnace.spec;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Which images are meant. All conditions must hold. Immutable. A damaged image, of which nothing
 * but its names is known, is meant by {@link #all} and by conditions on names only.
 *
 * @param dangling whether those that no tag names (true) or others (false), see {@link
 *     #dangling(boolean)}; empty for both
 * @param labels each is met: by no image, where two want different values of one key
 * @param withoutLabels none is met
 * @param createdBefore made before that moment
 * @param createdAfter made after that moment
 * @param references any of these patterns fits one of its names, see {@link #reference}; what is no
 *     pattern is an {@link dev.pinnace.error.InvalidSpecException}
 */
public record ImageFilter(
    Optional<Boolean> dangling,
    Set<LabelCondition> labels,
    Set<LabelCondition> withoutLabels,
    Optional<Instant> createdBefore,
    Optional<Instant> createdAfter,
    List<String> references) {
  public ImageFilter {
    labels = Set.copyOf(labels);
    withoutLabels = Set.copyOf(withoutLabels);
    references = List.copyOf(references);
    references.forEach(NamePattern::of);
  }

  /** Every image. */
  public static ImageFilter all() {
    return new ImageFilter(
        Optional.empty(), Set.of(), Set.of(), Optional.empty(), Optional.empty(), List.of());
  }

  /**
   * Those that no tag names, or those that one does. What was pulled by its digest, and has no name
   * but that, is dangling, as Docker has it.
   */
  public ImageFilter dangling(boolean untagged) {
    return new ImageFilter(
        Optional.of(untagged), labels, withoutLabels, createdBefore, createdAfter, references);
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
        dangling,
        Labels.with(labels, key, value),
        withoutLabels,
        createdBefore,
        createdAfter,
        references);
  }

  /** Those without the label, or where {@code value} is not empty without that value of it. */
  public ImageFilter withoutLabel(String key, String value) {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(value, "value");
    return new ImageFilter(
        dangling,
        labels,
        Labels.with(withoutLabels, key, value),
        createdBefore,
        createdAfter,
        references);
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

  /** Whether {@code image} fulfils every condition. */
  public boolean matches(ImageSummary image) {
    return dangling.map(wanted -> wanted == isDangling(image)).orElse(true)
        && Labels.match(image.labels(), labels, withoutLabels)
        && createdBefore.map(end -> image.created().filter(end::isAfter).isPresent()).orElse(true)
        && createdAfter.map(end -> image.created().filter(end::isBefore).isPresent()).orElse(true)
        && (references.isEmpty() || image.references().stream().anyMatch(this::matchesName));
  }

  private static boolean isDangling(ImageSummary image) {
    return image.references().stream()
        .noneMatch(name -> ImageReference.parse(name).tag().isPresent());
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
