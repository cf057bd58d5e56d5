package dev.pinnace.spec;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which containers to list. All conditions must hold.
 *
 * @param statuses any of these; empty for every status
 * @param labels these with these values; an empty value for any
 * @param nameContains part of the name
 */
public record ContainerFilter(
    Set<ContainerStatus> statuses, Map<String, String> labels, Optional<String> nameContains) {
  public ContainerFilter {
    statuses = Set.copyOf(statuses);
    labels = Map.copyOf(labels);
  }

  /** Every container. */
  public static ContainerFilter all() {
    return new ContainerFilter(Set.of(), Map.of(), Optional.empty());
  }

  /** Those that run, are paused or are about to run again. */
  public static ContainerFilter alive() {
    return new ContainerFilter(
        Set.of(ContainerStatus.RUNNING, ContainerStatus.PAUSED, ContainerStatus.RESTARTING),
        Map.of(),
        Optional.empty());
  }

  public ContainerFilter status(ContainerStatus status) {
    Set<ContainerStatus> more = new HashSet<>(statuses);
    more.add(status);
    return new ContainerFilter(more, labels, nameContains);
  }

  /** Those with the label, whatever its value. */
  public ContainerFilter label(String key) {
    return label(key, "");
  }

  public ContainerFilter label(String key, String value) {
    Map<String, String> more = new HashMap<>(labels);
    more.put(key, value);
    return new ContainerFilter(statuses, more, nameContains);
  }

  public ContainerFilter nameContaining(String part) {
    return new ContainerFilter(statuses, labels, Optional.of(part));
  }

  /** Whether {@code state} fulfils every condition. */
  public boolean matches(ContainerState state) {
    Map<String, String> has = state.spec().labels();
    return (statuses.isEmpty() || statuses.contains(state.status()))
        && nameContains.map(state.name()::contains).orElse(true)
        && labels.entrySet().stream()
            .allMatch(
                l ->
                    has.containsKey(l.getKey())
                        && (l.getValue().isEmpty() || l.getValue().equals(has.get(l.getKey()))));
  }
}
