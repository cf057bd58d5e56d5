package dev.pinnace.spec;

import java.util.HashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Which volumes are meant. All conditions must hold. Immutable.
 *
 * @param dangling those that no container uses (true) or others (false); empty for both
 * @param anonymous those whose name the engine has chosen (true) or others (false); empty for both
 * @param drivers any of these; empty for every one
 * @param names parts of names, any of these; empty for every name
 * @param labels each is met: by no volume, where two want different values of one key
 * @param withoutLabels none is met
 */
public record VolumeFilter(
    Optional<Boolean> dangling,
    Optional<Boolean> anonymous,
    Set<String> drivers,
    Set<String> names,
    Set<LabelCondition> labels,
    Set<LabelCondition> withoutLabels) {
  public VolumeFilter {
    Objects.requireNonNull(dangling, "dangling");
    Objects.requireNonNull(anonymous, "anonymous");
    drivers = Set.copyOf(drivers);
    names = Set.copyOf(names);
    labels = Set.copyOf(labels);
    withoutLabels = Set.copyOf(withoutLabels);
  }

  /** Every volume. */
  public static VolumeFilter all() {
    return new VolumeFilter(
        Optional.empty(), Optional.empty(), Set.of(), Set.of(), Set.of(), Set.of());
  }

  /** Those that no container uses, or those that one does. */
  public VolumeFilter dangling(boolean unused) {
    return new VolumeFilter(Optional.of(unused), anonymous, drivers, names, labels, withoutLabels);
  }

  /** Those whose name the engine has chosen, or those that were given one. */
  public VolumeFilter anonymous(boolean unnamed) {
    return new VolumeFilter(dangling, Optional.of(unnamed), drivers, names, labels, withoutLabels);
  }

  /** Those of that driver, and of others that were asked for. */
  public VolumeFilter driver(String name) {
    Objects.requireNonNull(name, "name");
    return new VolumeFilter(dangling, anonymous, with(drivers, name), names, labels, withoutLabels);
  }

  /** Those with {@code part} in their name, or another part that was asked for. */
  public VolumeFilter nameContaining(String part) {
    Objects.requireNonNull(part, "part");
    return new VolumeFilter(dangling, anonymous, drivers, with(names, part), labels, withoutLabels);
  }

  /** Those with the label; with any value, if {@code value} is empty. */
  public VolumeFilter label(String key, String value) {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(value, "value");
    return new VolumeFilter(
        dangling, anonymous, drivers, names, Labels.with(labels, key, value), withoutLabels);
  }

  /** Those without the label, or where {@code value} is not empty without that value of it. */
  public VolumeFilter withoutLabel(String key, String value) {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(value, "value");
    return new VolumeFilter(
        dangling, anonymous, drivers, names, labels, Labels.with(withoutLabels, key, value));
  }

  private static Set<String> with(Set<String> known, String one) {
    Set<String> more = new HashSet<>(known);
    more.add(one);
    return more;
  }

  /** Whether {@code volume} fulfils every condition. */
  public boolean matches(VolumeState volume) {
    Objects.requireNonNull(volume, "volume");
    return dangling.map(unused -> unused != volume.isUsed()).orElse(true)
        && anonymous.map(unnamed -> unnamed == volume.spec().anonymous()).orElse(true)
        && (drivers.isEmpty() || drivers.contains(volume.spec().driver()))
        && (names.isEmpty() || names.stream().anyMatch(volume.name()::contains))
        && Labels.match(volume.spec().labels(), labels, withoutLabels);
  }
}
