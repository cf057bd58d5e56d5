package dev.pinnace.examples.cli;

import dev.pinnace.Pinnace;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "disconnect", description = "Disconnects a container from a network.")
final class NetworkDisconnectCommand extends EngineCommand {
  @Parameters(index = "0", paramLabel = "NETWORK", description = "Name or id.")
  private String network;

  @Parameters(index = "1", paramLabel = "CONTAINER", description = "Name or id.")
  private String container;

  @Option(
      names = {"-f", "--force"},
      description = "Also where its record is damaged, or its interface cannot be removed.")
  private boolean force;

  @Override
  int execute(Pinnace pinnace) {
    ModeNetwork.refuse(
        network, "is what a container is made with, and none is disconnected from it");
    pinnace.networks().get(network).disconnect(pinnace.containers().get(container), force);
    return OK;
  }
}
