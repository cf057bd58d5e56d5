package dev.pinnace.spec;

import java.time.Instant;
import java.util.HashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Which containers to list. All conditions must hold.
 *
 * @param statuses any of these; empty for every status
 * @param labels each is met: by no container, where two want different values of one key
 * @param withoutLabels none is met
 * @param nameContains part of the name
 * @param createdBefore made before that moment
 */
public record ContainerFilter(
    Set<ContainerStatus> statuses,
    Set<LabelCondition> labels,
    Set<LabelCondition> withoutLabels,
    Optional<String> nameContains,
    Optional<Instant> createdBefore) {
  public ContainerFilter {
    statuses = Set.copyOf(statuses);
    labels = Set.copyOf(labels);
    withoutLabels = Set.copyOf(withoutLabels);
  }

  /** Every container. */
  public static ContainerFilter all() {
    return new ContainerFilter(Set.of(), Set.of(), Set.of(), Optional.empty(), Optional.empty());
  }

  /** Those that run, are paused or are about to run again. */
  public static ContainerFilter alive() {
    return all()
        .status(ContainerStatus.RUNNING)
        .status(ContainerStatus.PAUSED)
        .status(ContainerStatus.RESTARTING);
  }

  public ContainerFilter status(ContainerStatus status) {
    Objects.requireNonNull(status, "status");
    Set<ContainerStatus> more = new HashSet<>(statuses);
    more.add(status);
    return new ContainerFilter(more, labels, withoutLabels, nameContains, createdBefore);
  }

  /** Those with the label, whatever its value. */
  public ContainerFilter label(String key) {
    Objects.requireNonNull(key, "key");
    return label(key, "");
  }

  public ContainerFilter label(String key, String value) {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(value, "value");
    return new ContainerFilter(
        statuses, Labels.with(labels, key, value), withoutLabels, nameContains, createdBefore);
  }

  /** Those without the label, or where {@code value} is not empty without that value of it. */
  public ContainerFilter withoutLabel(String key, String value) {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(value, "value");
    return new ContainerFilter(
        statuses, labels, Labels.with(withoutLabels, key, value), nameContains, createdBefore);
  }

  public ContainerFilter nameContaining(String part) {
    Objects.requireNonNull(part, "part");
    return new ContainerFilter(statuses, labels, withoutLabels, Optional.of(part), createdBefore);
  }

  /** Those that were made before {@code moment}. */
  public ContainerFilter createdBefore(Instant moment) {
    Objects.requireNonNull(moment, "moment");
    return new ContainerFilter(statuses, labels, withoutLabels, nameContains, Optional.of(moment));
  }

  /** Whether {@code state} fulfils every condition. */
  public boolean matches(ContainerState state) {
    return (statuses.isEmpty() || statuses.contains(state.status()))
        && nameContains.map(state.name()::contains).orElse(true)
        && createdBefore.map(state.created()::isBefore).orElse(true)
        && Labels.match(state.spec().labels(), labels, withoutLabels);
  }
}
