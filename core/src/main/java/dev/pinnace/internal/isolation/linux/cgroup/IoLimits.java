package dev.pinnace.internal.isolation.linux.cgroup;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Lines of {@code io.max}. What a line does not name stays as it is in the kernel, so whole lines
 * are written.
 *
 * @param byDevice values by their names, of each device's number
 */
record IoLimits(Map<String, Map<String, String>> byDevice) {
  private static final String[] NAMES = {"rbps", "wbps", "riops", "wiops"};

  /** What {@code text} says, a device in one or more lines. */
  static IoLimits parse(String text) {
    Map<String, Map<String, String>> devices = new LinkedHashMap<>();
    for (String line : text.lines().toList()) {
      String[] words = line.strip().split("\\s+", -1);
      Map<String, String> values = devices.computeIfAbsent(words[0], device -> unlimited());
      for (int i = 1; i < words.length; i++) {
        String[] sides = words[i].split("=", 2);
        values.put(sides[0], sides.length == 2 ? sides[1] : "");
      }
    }
    return new IoLimits(devices);
  }

  private static Map<String, String> unlimited() {
    Map<String, String> values = new LinkedHashMap<>();
    for (String name : NAMES) {
      values.put(name, LimitChange.NONE);
    }
    return values;
  }

  Set<String> devices() {
    return byDevice.keySet();
  }

  /** The whole line of a device, be it limited or not. */
  String line(String device) {
    return device
        + byDevice.getOrDefault(device, unlimited()).entrySet().stream()
            .map(value -> " " + value.getKey() + "=" + value.getValue())
            .collect(Collectors.joining());
  }
}
