package dev.pinnace.examples.cli;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the values of -v, --mount and --tmpfs. */
final class MountFlags {
  private static final String LATER = "for a volume use -v";
  private static final List<String> WRITING = List.of("ro", "rw");
  private static final List<String> PROPAGATION = List.of("private", "rprivate");

  private static final List<String> FIELDS =
      List.of(
          "target",
          "dst",
          "destination",
          "source",
          "src",
          "readonly",
          "ro",
          "bind-propagation",
          "tmpfs-size",
          "tmpfs-mode");

  private MountFlags() {}

  static Mount volume(String text, boolean make) {
    String[] parts = text.split(":", -1);
    if (parts.length == 1) {
      return Mount.anonymousVolume().at(parts[0]);
    }
    if (parts.length > 3) {
      throw wrong("-v", text, "write HOST:DIR[:OPTIONS] or VOLUME:DIR[:OPTIONS]");
    }
    if (!parts[0].startsWith("/") && !parts[0].startsWith(".")) {
      return named(text, parts);
    }
    Path source = Path.of(parts[0]).toAbsolutePath().normalize();
    if (make && !Files.exists(source)) {
      try {
        Files.createDirectories(source);
      } catch (IOException e) {
        throw new InvalidSpecException(
            "cannot make " + source + " for -v " + text + ": " + Failures.reason(e), e);
      }
    }
    Mount mount = Mount.bind(source).at(parts[1]);
    List<String> options = options(parts.length == 3 ? parts[2] : "");
    refuseSecond(text, options, WRITING);
    refuseSecond(text, options, PROPAGATION);
    for (String option : options) {
      if (PROPAGATION.contains(option)) {
        mount = mount.with(option);
      } else if (option.equals("z") || option.equals("Z")) {
        refuseLabel(text);
      } else if (!WRITING.contains(option)) {
        throw wrong("-v", text, "the options are ro, rw and " + String.join(", ", PROPAGATION));
      }
    }
    return isReadOnly(options) ? mount.asReadOnly() : mount;
  }

  private static Mount named(String text, String[] parts) {
    Mount mount = Mount.volume(parts[0]).at(parts[1]);
    List<String> options = options(parts.length == 3 ? parts[2] : "");
    refuseSecond(text, options, WRITING);
    for (String option : options) {
      if (option.equals("nocopy")) {
        mount = mount.withoutCopy();
      } else if (!WRITING.contains(option)) {
        throw wrong("-v", text, "the options for a volume are ro, rw and nocopy");
      }
    }
    return isReadOnly(options) ? mount.asReadOnly() : mount;
  }

  private static void refuseSecond(String text, List<String> options, List<String> exclusive) {
    if (options.stream().filter(exclusive::contains).count() > 1) {
      throw wrong(
          "-v",
          text,
          "invalid mode "
              + String.join(",", options)
              + ": at most one of "
              + String.join(", ", exclusive));
    }
  }

  /** Where there is no SELinux a label means nothing, to Docker neither. */
  private static void refuseLabel(String text) {
    if (Files.exists(Path.of("/sys/fs/selinux/enforce"))) {
      throw wrong("-v", text, "SELinux labels come with a later version: leave z and Z out");
    }
  }

  static Mount mount(String text) {
    Map<String, String> fields = new LinkedHashMap<>(Assignments.labels(options(text)));
    String type = take(fields, "type", "volume");
    List<String> unknown = new ArrayList<>(fields.keySet());
    unknown.removeAll(FIELDS);
    if (!unknown.isEmpty()) {
      throw wrong("--mount", text, "there is no " + String.join(", ", unknown));
    }
    String target = take(fields, "target", take(fields, "dst", take(fields, "destination", "")));
    String source = take(fields, "source", take(fields, "src", ""));
    boolean readOnly = isReadOnly(text, fields);
    Mount mount;
    switch (type) {
      case "bind" -> {
        if (source.isEmpty()) {
          throw wrong("--mount", text, "source=PATH is missing");
        }
        mount = Mount.bind(Path.of(source));
        String propagation = take(fields, "bind-propagation", "");
        if (!propagation.isEmpty() && !PROPAGATION.contains(propagation)) {
          throw wrong("--mount", text, "bind-propagation is one of " + PROPAGATION);
        }
        mount = propagation.isEmpty() ? mount : mount.with(propagation);
      }
      case "tmpfs" -> {
        if (!source.isEmpty()) {
          throw wrong("--mount", text, "a tmpfs has no source");
        }
        mount = Mount.tmpfs();
        String size = take(fields, "tmpfs-size", "");
        String mode = take(fields, "tmpfs-mode", "");
        mount = size.isEmpty() ? mount : mount.with("size=" + Bytes.parse(size).count());
        mount = mode.isEmpty() ? mount : mount.with("mode=" + mode);
      }
      default -> throw wrong("--mount", text, "use type=bind or type=tmpfs; " + LATER);
    }
    if (!fields.isEmpty()) {
      throw wrong(
          "--mount", text, "type=" + type + " has no " + String.join(", ", fields.keySet()));
    }
    if (target.isEmpty()) {
      throw wrong("--mount", text, "target=DIR is missing");
    }
    return readOnly ? mount.at(target).asReadOnly() : mount.at(target);
  }

  /** Of two options that contradict each other the last counts, as with Docker. */
  static Mount tmpfs(String text) {
    String[] parts = text.split(":", 2);
    Mount mount = Mount.tmpfs().at(parts[0]);
    List<String> options = options(parts.length == 2 ? parts[1] : "");
    for (int i = 0; i < options.size(); i++) {
      String option = options.get(i);
      if (!WRITING.contains(option) && options.lastIndexOf(opposite(option)) < i) {
        mount = mount.with(option);
      }
    }
    return isReadOnly(options) ? mount.asReadOnly() : mount;
  }

  private static String opposite(String option) {
    return option.startsWith("no") ? option.substring(2) : "no" + option;
  }

  private static boolean isReadOnly(List<String> options) {
    return options.lastIndexOf("ro") > options.lastIndexOf("rw");
  }

  private static List<String> options(String text) {
    return Arrays.stream(text.split(",", -1)).filter(o -> !o.isEmpty()).toList();
  }

  private static String take(Map<String, String> fields, String name, String otherwise) {
    String value = fields.remove(name);
    return value == null ? otherwise : value;
  }

  /** Two names of one field. */
  private static boolean isReadOnly(String text, Map<String, String> fields) {
    boolean twice = fields.containsKey("ro") && fields.containsKey("readonly");
    boolean ro = isTrue(text, fields, "ro");
    boolean readonly = isTrue(text, fields, "readonly");
    if (twice && ro != readonly) {
      throw wrong("--mount", text, "ro and readonly contradict each other");
    }
    return ro || readonly;
  }

  private static boolean isTrue(String text, Map<String, String> fields, String name) {
    String value = take(fields, name, "false");
    return switch (value) {
      case "", "1", "true" -> true;
      case "0", "false" -> false;
      default -> throw wrong("--mount", text, name + " is true or false, not \"" + value + "\"");
    };
  }

  private static InvalidSpecException wrong(String flag, String text, String how) {
    return new InvalidSpecException(flag + " " + text + ": " + how);
  }
}
