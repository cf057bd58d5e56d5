package dev.pinnace.examples.cli;

import dev.pinnace.Pinnace;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(name = "logout", description = "Forgets the credentials for a registry.")
final class LogoutCommand extends EngineCommand {
  @Parameters(
      arity = "0..1",
      paramLabel = "SERVER",
      description = "Host and optional port; Docker's own by default.")
  private String server = "";

  @Override
  int execute(Pinnace pinnace) {
    String shown = server.isEmpty() ? "https://index.docker.io/v1/" : server;
    if (pinnace.images().logout(server)) {
      out().println("Removing login credentials for " + shown);
    } else {
      out().println("Not logged in to " + shown);
    }
    return OK;
  }
}
