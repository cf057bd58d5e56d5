package dev.pinnace.examples.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

@Command(
    name = "container",
    description = "Containers: what the commands of the same name do, and prune.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      CreateCommand.class,
      ExecCommand.class,
      InspectCommand.class,
      KillCommand.class,
      LogsCommand.class,
      PauseCommand.class,
      ContainerPruneCommand.class,
      RemoveCommand.class,
      RestartCommand.class,
      RunCommand.class,
      StartCommand.class,
      StopCommand.class,
      UnpauseCommand.class,
      WaitCommand.class,
      CommandLine.HelpCommand.class
    })
final class ContainerCommand extends CommandGroup {}
