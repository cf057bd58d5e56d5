package dev.pinnace.examples.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

@Command(
    name = "image",
    description = "Images: what the commands of the same name do, and prune.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      InspectCommand.class,
      LoadCommand.class,
      ImagePruneCommand.class,
      PullCommand.class,
      TagCommand.class,
      CommandLine.HelpCommand.class
    })
final class ImageCommand extends CommandGroup {}
