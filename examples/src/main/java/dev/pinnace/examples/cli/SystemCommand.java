package dev.pinnace.examples.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

@Command(
    name = "system",
    description = "Everything that this root holds.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      DiskUsageCommand.class,
      InfoCommand.class,
      SystemPruneCommand.class,
      CommandLine.HelpCommand.class
    })
final class SystemCommand extends CommandGroup {}
