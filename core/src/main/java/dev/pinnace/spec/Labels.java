package dev.pinnace.spec;

import java.util.Map;

/** Conditions on labels, as filters have them: an empty value stands for any. */
final class Labels {
  private Labels() {}

  /** Whether all of {@code wanted} are among {@code labels}, and none of {@code unwanted}. */
  static boolean match(
      Map<String, String> labels, Map<String, String> wanted, Map<String, String> unwanted) {
    return wanted.entrySet().stream().allMatch(condition -> has(labels, condition))
        && unwanted.entrySet().stream().noneMatch(condition -> has(labels, condition));
  }

  private static boolean has(Map<String, String> labels, Map.Entry<String, String> condition) {
    String value = labels.get(condition.getKey());
    return value != null && (condition.getValue().isEmpty() || condition.getValue().equals(value));
  }
}
