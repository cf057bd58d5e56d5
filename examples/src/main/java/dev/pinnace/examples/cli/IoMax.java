package dev.pinnace.examples.cli;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.spec.Bytes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Collects limits of block devices into lines of io.max, one for each device. */
final class IoMax {
  private final Map<String, Map<String, String>> devices = new LinkedHashMap<>();

  /** Begins with such lines. */
  IoMax(List<String> earlier) {
    for (String line : earlier) {
      String[] words = line.strip().split("\\s+", -1);
      for (int i = 1; i < words.length; i++) {
        String[] sides = words[i].split("=", 2);
        put(words[0], sides[0], sides.length == 2 ? sides[1] : "");
      }
    }
  }

  void bytes(String flag, String key, String text) {
    add(flag, key, text, Bytes.parse(BlockDevice.value(flag, text)).count());
  }

  void operations(String flag, String key, String text) {
    try {
      add(flag, key, text, Long.parseLong(BlockDevice.value(flag, text)));
    } catch (NumberFormatException e) {
      throw new InvalidSpecException(flag + " " + text + ": write DEVICE:NUMBER", e);
    }
  }

  List<String> lines() {
    return devices.entrySet().stream().map(device -> device.getKey() + text(device)).toList();
  }

  /** What {@code lines} say of {@code key}, as {@code inspect} has it. */
  static List<Map<String, Object>> rates(List<String> lines, String key) {
    List<Map<String, Object>> rates = new ArrayList<>();
    new IoMax(lines)
        .devices.forEach(
            (number, values) -> {
              String rate = values.getOrDefault(key, "max");
              if (!rate.equals("max")) {
                Map<String, Object> entry = new LinkedHashMap<>();
                entry.put("Path", BlockDevice.path(number));
                entry.put("Rate", Long.parseLong(rate));
                rates.add(entry);
              }
            });
    return rates;
  }

  private static String text(Map.Entry<String, Map<String, String>> device) {
    return device.getValue().entrySet().stream()
        .map(value -> " " + value.getKey() + "=" + value.getValue())
        .collect(Collectors.joining());
  }

  private void put(String device, String key, String value) {
    devices.computeIfAbsent(device, number -> new LinkedHashMap<>()).put(key, value);
  }

  private void add(String flag, String key, String text, long value) {
    String device = BlockDevice.number(flag, text);
    put(device, key, value == 0 ? "max" : Long.toString(value));
  }
}
