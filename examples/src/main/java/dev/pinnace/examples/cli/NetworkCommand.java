package dev.pinnace.examples.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code pinnace network}: the subcommands for networks. */
@Command(name = "network", description = "Manages networks.", synopsisSubcommandLabel = "COMMAND")
final class NetworkCommand extends CommandGroup {
  /** The group with its subcommands. */
  static CommandLine group() {
    return new CommandLine(new NetworkCommand())
        .addSubcommand(new NetworkConnectCommand())
        .addSubcommand(new NetworkCreateCommand())
        .addSubcommand(new NetworkDisconnectCommand())
        .addSubcommand("inspect", InspectCommand.ofNetworks())
        .addSubcommand("ls", new NetworkListCommand(), "list")
        .addSubcommand(new NetworkPruneCommand())
        .addSubcommand("rm", new NetworkRemoveCommand(), "remove");
  }
}
