package dev.pinnace.examples.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code pinnace container}: those for containers under the names that Docker groups them by. */
@Command(
    name = "container",
    description = "Manages containers.",
    synopsisSubcommandLabel = "COMMAND")
final class ContainerCommand extends CommandGroup {
  /** The group with its subcommands. */
  static CommandLine group() {
    return new CommandLine(new ContainerCommand())
        .addSubcommand(new AttachCommand())
        .addSubcommand(new CommitCommand())
        .addSubcommand(new CreateCommand())
        .addSubcommand(new CopyCommand())
        .addSubcommand(new DiffCommand())
        .addSubcommand(new ExecCommand())
        .addSubcommand(new ExportCommand())
        .addSubcommand("inspect", InspectCommand.ofContainers())
        .addSubcommand(new KillCommand())
        .addSubcommand(new LogsCommand())
        .addSubcommand("ls", new ListCommand(), "list", "ps")
        .addSubcommand(new PauseCommand())
        .addSubcommand(new ContainerPruneCommand())
        .addSubcommand(new RenameCommand())
        .addSubcommand(new PortCommand())
        .addSubcommand(new RestartCommand())
        .addSubcommand("rm", new RemoveCommand(), "remove")
        .addSubcommand(new RunCommand())
        .addSubcommand(new StartCommand())
        .addSubcommand(new StatsCommand())
        .addSubcommand(new StopCommand())
        .addSubcommand(new TopCommand())
        .addSubcommand(new UnpauseCommand())
        .addSubcommand(new UpdateCommand())
        .addSubcommand(new WaitCommand());
  }
}
