package dev.pinnace.examples.cli;

import dev.pinnace.Pinnace;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code pinnace image}: the subcommands for images under the names that Docker groups them by. */
@Command(
    name = "image",
    description = "Subcommands for images.",
    synopsisSubcommandLabel = "COMMAND")
final class ImageCommand implements Runnable, EngineSource {
  @ParentCommand private EngineSource parent;
  @Spec private CommandSpec spec;

  @SuppressWarnings("UnusedVariable") // picocli looks at it
  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  private boolean help;

  /** The group with its subcommands. */
  static CommandLine group() {
    return new CommandLine(new ImageCommand())
        .addSubcommand("ls", new ImagesCommand(), "list")
        .addSubcommand("inspect", InspectCommand.ofImages())
        .addSubcommand(new HistoryCommand())
        .addSubcommand("rm", new RemoveImageCommand(), "remove")
        .addSubcommand(new TagCommand())
        .addSubcommand(new SaveCommand())
        .addSubcommand(new LoadCommand())
        .addSubcommand(new ImportCommand());
  }

  @Override
  public Pinnace open() {
    return parent.open();
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}
