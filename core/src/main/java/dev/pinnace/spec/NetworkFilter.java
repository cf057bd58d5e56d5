package dev.pinnace.spec;

import java.util.HashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Which networks are meant. All conditions must hold. Immutable.
 *
 * @param dangling those that were made and that no container uses (true) or others (false); empty
 *     for both
 * @param predefined the default bridge (true) or those that were made (false); empty for both
 * @param names parts of names, any of these; empty for every name
 * @param ids parts of ids, any of these; empty for every id
 * @param labels each is met: by no network, where two want different values of one key
 * @param withoutLabels none is met
 */
public record NetworkFilter(
    Optional<Boolean> dangling,
    Optional<Boolean> predefined,
    Set<String> names,
    Set<String> ids,
    Set<LabelCondition> labels,
    Set<LabelCondition> withoutLabels) {
  public NetworkFilter {
    Objects.requireNonNull(dangling, "dangling");
    Objects.requireNonNull(predefined, "predefined");
    names = Set.copyOf(names);
    ids = Set.copyOf(ids);
    labels = Set.copyOf(labels);
    withoutLabels = Set.copyOf(withoutLabels);
  }

  /** Every network. */
  public static NetworkFilter all() {
    return new NetworkFilter(
        Optional.empty(), Optional.empty(), Set.of(), Set.of(), Set.of(), Set.of());
  }

  /** Those that were made and that no container uses, or the others. */
  public NetworkFilter dangling(boolean unused) {
    return new NetworkFilter(Optional.of(unused), predefined, names, ids, labels, withoutLabels);
  }

  /** The default bridge, or those that were made. */
  public NetworkFilter predefined(boolean always) {
    return new NetworkFilter(dangling, Optional.of(always), names, ids, labels, withoutLabels);
  }

  /** Those with {@code part} in their name, or another part that was asked for. */
  public NetworkFilter nameContaining(String part) {
    Objects.requireNonNull(part, "part");
    return new NetworkFilter(dangling, predefined, with(names, part), ids, labels, withoutLabels);
  }

  /** Those with {@code part} in their id, or another part that was asked for. */
  public NetworkFilter idContaining(String part) {
    Objects.requireNonNull(part, "part");
    return new NetworkFilter(dangling, predefined, names, with(ids, part), labels, withoutLabels);
  }

  /** Those with the label; with any value, if {@code value} is empty. */
  public NetworkFilter label(String key, String value) {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(value, "value");
    return new NetworkFilter(
        dangling, predefined, names, ids, Labels.with(labels, key, value), withoutLabels);
  }

  /** Those without the label, or where {@code value} is not empty without that value of it. */
  public NetworkFilter withoutLabel(String key, String value) {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(value, "value");
    return new NetworkFilter(
        dangling, predefined, names, ids, labels, Labels.with(withoutLabels, key, value));
  }

  private static Set<String> with(Set<String> known, String one) {
    Set<String> more = new HashSet<>(known);
    more.add(one);
    return more;
  }

  /** Whether {@code network} fulfils every condition. */
  public boolean matches(NetworkState network) {
    Objects.requireNonNull(network, "network");
    boolean dangles = !network.isUsed() && !network.isPredefined();
    return dangling.map(unused -> unused == dangles).orElse(true)
        && predefined.map(always -> always == network.isPredefined()).orElse(true)
        && (names.isEmpty() || names.stream().anyMatch(network.name()::contains))
        && (ids.isEmpty() || ids.stream().anyMatch(network.id()::contains))
        && Labels.match(network.spec().labels(), labels, withoutLabels);
  }
}
