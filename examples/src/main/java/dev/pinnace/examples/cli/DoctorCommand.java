package dev.pinnace.examples.cli;

import dev.pinnace.Pinnace;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.spec.HostFeature;
import dev.pinnace.spec.Info;
import picocli.CommandLine.Command;

@Command(
    name = "doctor",
    description = "Tries what this host can do, and says what is missing, why, and what to do.")
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
    info.features().forEach(this::print);
    long missing = info.features().stream().filter(feature -> !feature.available()).count();
    out()
        .println(
            missing == 0
                ? "Containers can run, with everything on."
                : "Containers can run; asking for what is missing above is refused with its reason.");
    return OK;
  }

  private void print(HostFeature feature) {
    String remark = feature.reason().isEmpty() ? "" : "  " + feature.reason();
    out().println((feature.available() ? "  works    " : "  missing  ") + feature.name() + remark);
    if (!feature.fix().isEmpty()) {
      out().println("           to fix: " + feature.fix());
    }
  }
}
