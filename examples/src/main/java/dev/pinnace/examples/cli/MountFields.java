package dev.pinnace.examples.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The fields {@code KEY=VALUE} of {@code --mount}; if one is given twice the last counts. */
final class MountFields {
  /** What can be mounted. */
  static final List<String> TYPES = List.of("bind", "tmpfs", "volume");

  private static final Set<String> TRUE = Set.of("1", "t", "T", "TRUE", "true", "True");
  private static final Set<String> FALSE = Set.of("0", "f", "F", "FALSE", "false", "False");
  private static final Set<String> FLAGS =
      Set.of("readonly", "volume-nocopy", "bind-nonrecursive", "bind-create-src");

  private static final Set<String> KEYS =
      Set.of(
          "type",
          "source",
          "target",
          "readonly",
          "consistency",
          "bind-propagation",
          "bind-recursive",
          "bind-nonrecursive",
          "bind-create-src",
          "bind-owned-by",
          "volume-nocopy",
          "volume-label",
          "volume-driver",
          "volume-opt",
          "volume-subpath",
          "tmpfs-size",
          "tmpfs-mode");

  private final FlagValue value;
  private final Map<String, String> fields = new LinkedHashMap<>();
  private final Map<String, String> labels = new LinkedHashMap<>();
  private final Map<String, String> options = new LinkedHashMap<>();

  MountFields(FlagValue value) {
    this.value = value;
    CsvLine.fields(value).forEach(this::read);
  }

  /** Labels of a volume. */
  Map<String, String> labels() {
    return labels;
  }

  /** Options of a volume's driver. */
  Map<String, String> options() {
    return options;
  }

  private void read(String field) {
    int equals = field.indexOf('=');
    String written = equals < 0 ? field : field.substring(0, equals);
    String key =
        switch (written) {
          case "src" -> "source";
          case "dst", "destination" -> "target";
          case "ro" -> "readonly";
          default -> written;
        };
    if (!KEYS.contains(key)) {
      throw value.wrong(
          equals < 0
              ? "\"" + field + "\" is no KEY=VALUE"
              : "there is no \""
                  + written
                  + "\"; there are "
                  + KEYS.stream().sorted().collect(Collectors.joining(", ")));
    }
    if (equals < 0 && !FLAGS.contains(key)) {
      throw value.wrong("\"" + field + "\" needs a value: write " + field + "=VALUE");
    }
    String given = equals < 0 ? "true" : field.substring(equals + 1);
    switch (key) {
      case "volume-label" -> put(labels, key, given);
      case "volume-opt" -> put(options, key, given);
      default -> fields.put(key, given);
    }
    if (FLAGS.contains(key)) {
      boolean unused = isTrue(key);
    }
  }

  private void put(Map<String, String> map, String key, String pair) {
    int equals = pair.indexOf('=');
    String name = equals < 0 ? pair : pair.substring(0, equals);
    if (name.isEmpty()) {
      throw value.wrong(key + "=" + pair + " has no name: write " + key + "=NAME=VALUE");
    }
    map.put(name, equals < 0 ? "" : pair.substring(equals + 1));
  }

  boolean isTrue(String key) {
    String word = fields.getOrDefault(key, "false");
    if (!TRUE.contains(word) && !FALSE.contains(word)) {
      throw value.wrong(key + " is true or false, not \"" + word + "\"");
    }
    return TRUE.contains(word);
  }

  Optional<String> get(String key) {
    return Optional.ofNullable(fields.get(key));
  }

  /** Refuses what is for other types than {@code type}. */
  void refuseOfOthers(String type) {
    for (String other : TYPES) {
      boolean given =
          fields.keySet().stream().anyMatch(key -> key.startsWith(other + "-"))
              || (other.equals("volume") && !(labels.isEmpty() && options.isEmpty()));
      if (given && !other.equals(type)) {
        throw value.wrong("a mount of type=" + type + " has no " + other + "-* options");
      }
    }
  }
}
