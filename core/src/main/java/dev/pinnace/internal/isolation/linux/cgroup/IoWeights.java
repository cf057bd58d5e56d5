package dev.pinnace.internal.isolation.linux.cgroup;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Lines of {@code io.weight} and {@code io.bfq.weight}: the one that begins with {@code default} is
 * of all disks without a line of their own.
 *
 * @param byDevice weights by each device's number, or {@code default}
 */
record IoWeights(Map<String, String> byDevice) {
  private static final String DEFAULT = "default";
  private static final String USUAL = "100";

  static IoWeights parse(String text) {
    Map<String, String> weights = new LinkedHashMap<>();
    for (String line : text.lines().toList()) {
      String[] words = line.strip().split("\\s+", -1);
      weights.put(words[0], words.length == 1 ? "" : words[1]);
    }
    weights.putIfAbsent(DEFAULT, USUAL);
    return new IoWeights(weights);
  }

  Set<String> devices() {
    return byDevice.keySet();
  }

  /** The line of a device, be it weighed or not. */
  String line(String device) {
    return device + " " + byDevice.getOrDefault(device, DEFAULT);
  }
}
