package dev.pinnace.examples.cli;

import dev.pinnace.Pinnace;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.spec.HostFeature;
import dev.pinnace.spec.Info;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;

@Command(
    name = "doctor",
    description = "Tries what this host can do; says what is missing and the fix.")
final class DoctorCommand extends EngineCommand {
  @Override
  public Integer call() {
    try {
      return super.call();
    } catch (UnsupportedException e) {
      out().println("Containers cannot run here.");
      out().println("  " + e.getMessage());
      return Failures.OURS;
    }
  }

  @Override
  int execute(Pinnace pinnace) {
    Info info = pinnace.info();
    out()
        .println(
            "Pinnace %s on Linux %s (%s), storage %s, isolation %s"
                .formatted(
                    info.version(),
                    System.getProperty("os.version"),
                    System.getProperty("os.arch"),
                    info.storage(),
                    info.isolation()));
    lines(info.features()).forEach(out()::println);
    if (info.features().stream().anyMatch(DoctorCommand::forbids)) {
      out().println("Containers cannot run here: see \"namespaces\" above.");
      return Failures.OURS;
    }
    long missing = info.features().stream().filter(feature -> !feature.available()).count();
    out()
        .println(
            missing == 0
                ? "Containers can run, with everything on."
                : "Containers can run; asking for what is missing above is refused with its"
                    + " reason.");
    return OK;
  }

  /** Without its own namespaces there is no container; everything else can be left out. */
  private static boolean forbids(HostFeature feature) {
    return feature.name().equals("namespaces") && !feature.available();
  }

  /** What is missing for one reason is said once, at the first place. */
  static List<String> lines(List<HostFeature> features) {
    Map<HostFeature, List<String>> names = new LinkedHashMap<>();
    for (HostFeature feature : features) {
      HostFeature cause =
          feature.available() ? feature : HostFeature.missing("", feature.reason(), feature.fix());
      names.computeIfAbsent(cause, none -> new ArrayList<>()).add(feature.name());
    }
    List<String> lines = new ArrayList<>();
    names.forEach(
        (cause, together) -> {
          String remark = cause.reason().isEmpty() ? "" : "  " + cause.reason();
          lines.add(
              (cause.available() ? "  works    " : "  missing  ")
                  + String.join(", ", together)
                  + remark);
          if (!cause.fix().isEmpty()) {
            lines.add("           to fix: " + cause.fix());
          }
        });
    return lines;
  }
}
