package dev.pinnace.internal.engine;

import dev.pinnace.spec.ContainerId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The order in which containers are started: those first whose namespaces others share, or to whom
 * others are linked.
 */
final class SharingOrder {
  private final Map<ContainerId, Set<String>> others;
  private final Set<ContainerId> seen = new HashSet<>();
  private final List<ContainerId> order = new ArrayList<>();

  private SharingOrder(Map<ContainerId, Set<String>> others) {
    this.others = others;
  }

  /**
   * The keys in that order.
   *
   * @param others by container the ids of those that it needs, of which some may not be among the
   *     keys
   */
  static List<ContainerId> of(Map<ContainerId, Set<String>> others) {
    SharingOrder sharing = new SharingOrder(others);
    others.keySet().forEach(sharing::add);
    return sharing.order;
  }

  private void add(ContainerId id) {
    if (others.containsKey(id) && seen.add(id)) {
      others.get(id).forEach(other -> add(new ContainerId(other)));
      order.add(id);
    }
  }
}
