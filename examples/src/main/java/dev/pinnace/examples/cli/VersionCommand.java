package dev.pinnace.examples.cli;

import dev.pinnace.Pinnace;
import picocli.CommandLine.Command;

@Command(name = "version", description = "Prints the versions of what is at work.")
final class VersionCommand extends EngineCommand {
  @Override
  int execute(Pinnace pinnace) {
    out().println("Pinnace: " + pinnace.info().version());
    out().println("Java: " + Runtime.version());
    out().println("Kernel: " + System.getProperty("os.version"));
    out().println("Architecture: " + System.getProperty("os.arch"));
    return OK;
  }
}
