package dev.pinnace.examples.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code pinnace volume}: the subcommands for volumes. */
@Command(name = "volume", description = "Manages volumes.", synopsisSubcommandLabel = "COMMAND")
final class VolumeCommand extends CommandGroup {
  /** The group with its subcommands. */
  static CommandLine group() {
    return new CommandLine(new VolumeCommand())
        .addSubcommand(new VolumeCreateCommand())
        .addSubcommand("inspect", InspectCommand.ofVolumes())
        .addSubcommand("ls", new VolumeListCommand(), "list")
        .addSubcommand(new VolumePruneCommand())
        .addSubcommand("rm", new VolumeRemoveCommand(), "remove");
  }
}
