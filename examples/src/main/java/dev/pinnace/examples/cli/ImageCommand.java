package dev.pinnace.examples.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code pinnace image}: the subcommands for images under the names that Docker groups them by. */
@Command(name = "image", description = "Manages images.", synopsisSubcommandLabel = "COMMAND")
final class ImageCommand extends CommandGroup {
  /** The group with its subcommands. */
  static CommandLine group() {
    return new CommandLine(new ImageCommand())
        .addSubcommand("ls", new ImagesCommand(), "list")
        .addSubcommand("inspect", InspectCommand.ofImages())
        .addSubcommand(new HistoryCommand())
        .addSubcommand("rm", new RemoveImageCommand(), "remove")
        .addSubcommand(new ImagePruneCommand())
        .addSubcommand(new PullCommand())
        .addSubcommand(new PushCommand())
        .addSubcommand(new TagCommand())
        .addSubcommand(new SaveCommand())
        .addSubcommand(new LoadCommand())
        .addSubcommand(new ImportCommand());
  }
}
