package dev.pinnace.examples.cli;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.spec.Mount;
import java.util.Arrays;
import java.util.List;

/** Reads the value of {@code --tmpfs}: {@code DIR[:OPTIONS]}. */
final class TmpfsFlag {
  private TmpfsFlag() {}

  /** Of two options that contradict each other the last counts, as with Docker. */
  static Mount parse(String text) {
    String[] parts = text.split(":", 2);
    if (parts[0].isEmpty()) {
      throw new InvalidSpecException("--tmpfs \"" + text + "\": write DIR, or DIR:OPTIONS");
    }
    Mount mount = Mount.tmpfs().at(parts[0]);
    List<String> options =
        parts.length == 2
            ? Arrays.stream(parts[1].split(",", -1)).filter(o -> !o.isEmpty()).toList()
            : List.of();
    for (int i = 0; i < options.size(); i++) {
      String option = options.get(i);
      boolean writing = option.equals("ro") || option.equals("rw");
      if (!writing && options.lastIndexOf(opposite(option)) < i) {
        mount = mount.with(option);
      }
    }
    return options.lastIndexOf("ro") > options.lastIndexOf("rw") ? mount.asReadOnly() : mount;
  }

  private static String opposite(String option) {
    return option.startsWith("no") ? option.substring(2) : "no" + option;
  }
}
