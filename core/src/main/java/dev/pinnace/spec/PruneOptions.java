package dev.pinnace.spec;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * What a clean-up of everything may remove. By default: every container that does not run, and
 * every image that no tag names and no container uses; no volume. Immutable.
 *
 * @param volumes anonymous volumes too that no container uses; {@code createdBefore} does not apply
 *     to them
 * @param allImages images with tags too, if no container uses them
 * @param labels only what has all of these: nothing, where two want different values of one key
 * @param withoutLabels only what has none of these
 * @param createdBefore only what was made before that moment
 */
public record PruneOptions(
    boolean volumes,
    boolean allImages,
    Set<LabelCondition> labels,
    Set<LabelCondition> withoutLabels,
    Optional<Instant> createdBefore) {
  /** The defaults. */
  public static final PruneOptions DEFAULTS =
      new PruneOptions(false, false, Set.of(), Set.of(), Optional.empty());

  public PruneOptions {
    labels = Set.copyOf(labels);
    withoutLabels = Set.copyOf(withoutLabels);
  }

  /** Images with tags too, if no container uses them. */
  public PruneOptions withAllImages() {
    return new PruneOptions(volumes, true, labels, withoutLabels, createdBefore);
  }

  /** Anonymous volumes too that no container uses. */
  public PruneOptions withVolumes() {
    return new PruneOptions(true, allImages, labels, withoutLabels, createdBefore);
  }

  /** Only what has the label; with any value, if {@code value} is empty. */
  public PruneOptions withLabel(String key, String value) {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(value, "value");
    return new PruneOptions(
        volumes, allImages, Labels.with(labels, key, value), withoutLabels, createdBefore);
  }

  /** Only what has not the label; not with that value, if {@code value} is not empty. */
  public PruneOptions withoutLabel(String key, String value) {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(value, "value");
    return new PruneOptions(
        volumes, allImages, labels, Labels.with(withoutLabels, key, value), createdBefore);
  }

  /** Only what was made before {@code moment}. */
  public PruneOptions withCreatedBefore(Instant moment) {
    Objects.requireNonNull(moment, "moment");
    return new PruneOptions(volumes, allImages, labels, withoutLabels, Optional.of(moment));
  }

  /** The same conditions for containers. */
  public ContainerFilter containers() {
    return new ContainerFilter(
        ContainerFilter.all().statuses(),
        labels,
        withoutLabels,
        ContainerFilter.all().nameContains(),
        createdBefore);
  }

  /** The same conditions for volumes, without the moment. */
  public VolumeFilter unnamedVolumes() {
    return new VolumeFilter(
        Optional.empty(), Optional.of(true), Set.of(), Set.of(), labels, withoutLabels);
  }

  /** The same conditions for images. */
  public ImageFilter images() {
    ImageFilter some = allImages ? ImageFilter.all() : ImageFilter.all().dangling(true);
    return new ImageFilter(
        some.dangling(),
        labels,
        withoutLabels,
        createdBefore,
        Optional.empty(),
        java.util.List.of());
  }
}
