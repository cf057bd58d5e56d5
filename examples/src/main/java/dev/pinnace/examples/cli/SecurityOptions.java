package dev.pinnace.examples.cli;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.spec.ContainerSpecBuilder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** Flags that say what a container's processes may do. */
final class SecurityOptions {
  @Option(
      names = "--privileged",
      description =
          "Every capability, no seccomp filter, nothing masked, every device of the host's /dev.")
  private boolean privileged;

  @Option(names = "--cap-add", paramLabel = "CAP", description = "Add a capability, or ALL.")
  private List<String> capAdd = new ArrayList<>();

  @Option(names = "--cap-drop", paramLabel = "CAP", description = "Take a capability, or ALL.")
  private List<String> capDrop = new ArrayList<>();

  @Option(
      names = "--security-opt",
      paramLabel = "OPTION",
      description =
          "no-new-privileges, seccomp=FILE, seccomp=unconfined, seccomp=builtin (the default),"
              + " apparmor=PROFILE or apparmor=unconfined, systempaths=unconfined or mask=PATH[:PATH...];"
              + " label=... is for SELinux, and without it means nothing. Of two that say different"
              + " things of one the last counts; each mask=... hides further paths.")
  private List<String> options = new ArrayList<>();

  void addTo(ContainerSpecBuilder spec) {
    if (privileged) {
      spec.privileged();
    }
    capAdd.forEach(spec::capAdd);
    capDrop.forEach(spec::capDrop);
    Map<String, String> last = new LinkedHashMap<>();
    for (String option : options) {
      String word = option.split("[:=]", 2)[0];
      last.merge(word, option, (before, now) -> word.equals("mask") ? joined(before, now) : now);
    }
    last.values().forEach(option -> add(option, spec));
  }

  /** Each hides further paths. */
  private static String joined(String before, String now) {
    return before + ":" + now.substring("mask=".length());
  }

  private static void add(String option, ContainerSpecBuilder spec) {
    switch (option.replaceFirst("[:=]", "=")) {
      case "no-new-privileges", "no-new-privileges=true" -> spec.noNewPrivileges();
      case "no-new-privileges=false", "seccomp=builtin" -> {
        // As it is anyway.
      }
      case "seccomp=unconfined" -> spec.seccompUnconfined();
      case "systempaths=unconfined" -> spec.unmaskPaths();
      default -> {
        if (option.matches("mask[:=].+")) {
          spec.maskedPath(option.substring("mask=".length()).split(":"));
          return;
        }
        if (option.matches("apparmor[:=].+")) {
          spec.apparmor(option.substring("apparmor=".length()));
          return;
        }
        if (option.matches("label[:=].*")) {
          SelinuxLabel.check(option);
          return;
        }
        if (!option.matches("seccomp[:=].+")) {
          throw new InvalidSpecException(
              "--security-opt "
                  + option
                  + " is not known: use no-new-privileges, seccomp=FILE, seccomp=unconfined,"
                  + " seccomp=builtin, apparmor=PROFILE, systempaths=unconfined, mask=PATH or label=...");
        }
        spec.seccomp(TextFile.read(Path.of(option.substring("seccomp=".length()))));
      }
    }
  }
}
