package dev.pinnace.examples.cli;

import picocli.CommandLine.Command;

/** {@code pinnace system}: what is about the whole root. */
@Command(
    name = "system",
    description = "Manages the whole root.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      DiskUsageCommand.class,
      EventsCommand.class,
      InfoCommand.class,
      SystemPruneCommand.class
    })
final class SystemCommand extends CommandGroup {}
