package dev.pinnace.examples.cli;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.spec.Bytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Collects limits of block devices into lines of io.max, one for each device. */
final class IoMax {
  private static final int S_IFMT = 0170000;
  private static final int S_IFBLK = 0060000;

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
    add(flag, key, text, Bytes.parse(value(flag, text)).count());
  }

  void operations(String flag, String key, String text) {
    try {
      add(flag, key, text, Long.parseLong(value(flag, text)));
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
                entry.put("Path", path(number));
                entry.put("Rate", Long.parseLong(rate));
                rates.add(entry);
              }
            });
    return rates;
  }

  /** As udev(7) calls it; its number where there is no such device any more. */
  private static String path(String number) {
    try {
      Path device = Files.readSymbolicLink(Path.of("/sys/dev/block", number)).getFileName();
      return "/dev/" + device.toString().replace('!', '/');
    } catch (IOException gone) {
      return number;
    }
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
    String device = number(flag, Path.of(text.substring(0, text.lastIndexOf(':'))));
    put(device, key, value == 0 ? "max" : Long.toString(value));
  }

  private static String value(String flag, String text) {
    int colon = text.lastIndexOf(':');
    if (colon < 1) {
      throw new InvalidSpecException(flag + " " + text + ": write DEVICE:VALUE");
    }
    return text.substring(colon + 1);
  }

  /** The device's {@code major:minor}, from the layout of dev_t that makedev(3) has on Linux. */
  private static String number(String flag, Path node) {
    try {
      int mode = (int) Files.getAttribute(node, "unix:mode");
      if ((mode & S_IFMT) != S_IFBLK) {
        throw new InvalidSpecException(flag + ": " + node + " is not a block device");
      }
      long rdev = (long) Files.getAttribute(node, "unix:rdev");
      long major = ((rdev >>> 8) & 0xfff) | ((rdev >>> 32) & ~0xfffL);
      long minor = (rdev & 0xff) | ((rdev >>> 12) & 0xffff_ff00L);
      return major + ":" + minor;
    } catch (IOException e) {
      throw new InvalidSpecException(
          flag + ": cannot look at " + node + ": " + Failures.reason(e), e);
    }
  }
}
