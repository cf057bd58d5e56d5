package dev.pinnace.spec;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Conditions on labels, as filters have them. */
final class Labels {
  private Labels() {}

  /** The conditions and one more; others of its key stay. */
  static Set<LabelCondition> with(Set<LabelCondition> conditions, String key, String value) {
    Set<LabelCondition> more = new HashSet<>(conditions);
    more.add(LabelCondition.of(key, value));
    return more;
  }

  /** Whether {@code labels} meet all of {@code wanted}, and none of {@code unwanted}. */
  static boolean match(
      Map<String, String> labels, Set<LabelCondition> wanted, Set<LabelCondition> unwanted) {
    return wanted.stream().allMatch(condition -> condition.isMetBy(labels))
        && unwanted.stream().noneMatch(condition -> condition.isMetBy(labels));
  }
}
