package dev.pinnace.spec;

import java.util.HashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Which networks are meant. All conditions must hold. Immutable.
 *
 * @param dangling those that no container uses (true) or others (false); empty for both
 * @param names parts of names, any of these; empty for every name
 * @param ids parts of ids, any of these; empty for every id
 * @param labels each is met: by no network, where two want different values of one key
 * @param withoutLabels none is met
 */
public record NetworkFilter(
    Optional<Boolean> dangling,
    Set<String> names,
    Set<String> ids,
    Set<LabelCondition> labels,
    Set<LabelCondition> withoutLabels) {
  public NetworkFilter {
    Objects.requireNonNull(dangling, "dangling");
    names = Set.copyOf(names);
    ids = Set.copyOf(ids);
    labels = Set.copyOf(labels);
    withoutLabels = Set.copyOf(withoutLabels);
  }

  /** Every network. */
  public static NetworkFilter all() {
    return new NetworkFilter(Optional.empty(), Set.of(), Set.of(), Set.of(), Set.of());
  }

  /** Those that no container uses, or those that one does. */
  public NetworkFilter dangling(boolean unused) {
    return new NetworkFilter(Optional.of(unused), names, ids, labels, withoutLabels);
  }

  /** Those with {@code part} in their name, or another part that was asked for. */
  public NetworkFilter nameContaining(String part) {
    Objects.requireNonNull(part, "part");
    return new NetworkFilter(dangling, with(names, part), ids, labels, withoutLabels);
  }

  /** Those with {@code part} in their id, or another part that was asked for. */
  public NetworkFilter idContaining(String part) {
    Objects.requireNonNull(part, "part");
    return new NetworkFilter(dangling, names, with(ids, part), labels, withoutLabels);
  }

  /** Those with the label; with any value, if {@code value} is empty. */
  public NetworkFilter label(String key, String value) {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(value, "value");
    return new NetworkFilter(dangling, names, ids, Labels.with(labels, key, value), withoutLabels);
  }

  /** Those without the label, or where {@code value} is not empty without that value of it. */
  public NetworkFilter withoutLabel(String key, String value) {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(value, "value");
    return new NetworkFilter(dangling, names, ids, labels, Labels.with(withoutLabels, key, value));
  }

  private static Set<String> with(Set<String> known, String one) {
    Set<String> more = new HashSet<>(known);
    more.add(one);
    return more;
  }

  /** Whether {@code network} fulfils every condition. */
  public boolean matches(NetworkState network) {
    Objects.requireNonNull(network, "network");
    return dangling.map(unused -> unused != network.isUsed()).orElse(true)
        && (names.isEmpty() || names.stream().anyMatch(network.name()::contains))
        && (ids.isEmpty() || ids.stream().anyMatch(network.id()::contains))
        && Labels.match(network.spec().labels(), labels, withoutLabels);
  }
}
