package dev.pinnace.examples.cli;

import dev.pinnace.Pinnace;
import dev.pinnace.spec.PullPolicy;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code pinnace}: Docker's subcommands and flags, with no daemon behind them. */
@Command(
    name = "pinnace",
    description = "Runs Linux containers, with no daemon.",
    versionProvider = VersionCommand.OneLine.class,
    abbreviateSynopsis = true,
    synopsisSubcommandLabel = "COMMAND",
    optionListHeading = "%nGlobal options, which go before the command:%n",
    footer = {
      "",
      "Exit codes: 125 Pinnace refused or failed; of run, start -a and exec also 126 the program"
          + " cannot be executed, 127 it is not there, else its own; 141 nobody reads the output.",
      "See \"pinnace COMMAND --help\" for more about a command."
    },
    subcommands = {
      RunCommand.class,
      AttachCommand.class,
      CreateCommand.class,
      StartCommand.class,
      StopCommand.class,
      PortCommand.class,
      RestartCommand.class,
      RenameCommand.class,
      KillCommand.class,
      PauseCommand.class,
      UnpauseCommand.class,
      TopCommand.class,
      StatsCommand.class,
      UpdateCommand.class,
      WaitCommand.class,
      RemoveCommand.class,
      ListCommand.class,
      InspectCommand.class,
      LogsCommand.class,
      EventsCommand.class,
      ExecCommand.class,
      PullCommand.class,
      ImagesCommand.class,
      HistoryCommand.class,
      LoadCommand.class,
      SaveCommand.class,
      ImportCommand.class,
      ExportCommand.class,
      CopyCommand.class,
      DiffCommand.class,
      CommitCommand.class,
      ImportHostCommand.class,
      TagCommand.class,
      PushCommand.class,
      SearchCommand.class,
      LoginCommand.class,
      LogoutCommand.class,
      RemoveImageCommand.class,
      SystemCommand.class,
      InfoCommand.class,
      VersionCommand.class,
      DoctorCommand.class,
      CommandLine.HelpCommand.class
    })
public final class PinnaceCommand implements Runnable {
  private static final Set<String> WITH_PROGRAM = Set.of("run", "create", "exec", "top");

  @Spec private CommandSpec spec;

  @Option(
      names = "--root",
      paramLabel = "DIR",
      defaultValue = "${env:PINNACE_ROOT:-" + Option.NULL_VALUE + "}",
      description =
          "Where images and containers are kept; by default $PINNACE_ROOT, else /var/lib/pinnace,"
              + " of users other than root ~/.local/share/pinnace.")
  private Optional<Path> root = Optional.empty();

  @Option(
      names = "--run",
      paramLabel = "DIR",
      defaultValue = "${env:PINNACE_RUN:-" + Option.NULL_VALUE + "}",
      description =
          "Where locks and sockets of running containers are; by default $PINNACE_RUN, else"
              + " /run/pinnace, of users other than root $XDG_RUNTIME_DIR/pinnace.")
  private Optional<Path> run = Optional.empty();

  @Option(
      names = "--storage-driver",
      paramLabel = "NAME",
      description =
          "overlayfs or vfs; by default the first that works. A root keeps the one that it began"
              + " with.")
  private Optional<String> storage = Optional.empty();

  @Mixin private RegistryFlags registries = new RegistryFlags();

  @SuppressWarnings("UnusedVariable") // picocli looks at it
  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  private boolean help;

  @SuppressWarnings("UnusedVariable") // picocli looks at it
  @Option(
      names = {"-v", "--version"},
      versionHelp = true,
      description = "Print the version.")
  private boolean version;

  /** Executes one command and exits with its code. */
  public static void main(String[] arguments) {
    CommandLine line = commandLine();
    line.setOut(utf8(FileDescriptor.out));
    line.setErr(utf8(FileDescriptor.err));
    int code = execute(line, arguments);
    line.getOut().flush();
    line.getErr().flush();
    System.exit(code);
  }

  /** The JDK too fails where files cannot be opened, and then with an error. */
  static int execute(CommandLine line, String... arguments) {
    try {
      return line.execute(arguments);
    } catch (LinkageError | VirtualMachineError failure) {
      return Failures.report(line.getErr(), failure);
    }
  }

  /** The whole command line, ready to parse. */
  static CommandLine commandLine() {
    CommandLine line =
        new CommandLine(new PinnaceCommand())
            .addSubcommand(ImageCommand.group())
            .addSubcommand(ContainerCommand.group())
            .addSubcommand(NetworkCommand.group())
            .addSubcommand(VolumeCommand.group())
            .registerConverter(Duration.class, Times::seconds)
            .registerConverter(Double.class, Times::decimal)
            .registerConverter(Long.class, Times::whole)
            .registerConverter(Integer.class, Times::small)
            .registerConverter(
                InspectCommand.Kind.class, word -> Choice.of(InspectCommand.Kind.class, word))
            .registerConverter(PullPolicy.class, word -> Choice.of(PullPolicy.class, word))
            .setExpandAtFiles(false)
            .setOverwrittenOptionsAllowed(true)
            .setParameterExceptionHandler(Failures::misunderstood)
            .setExecutionExceptionHandler(Failures::report);
    CommandList.showIn(line);
    line.getSubcommands().values().forEach(PinnaceCommand::adjust);
    return line;
  }

  /** Subcommands that end in a program and its arguments take flags before it only. */
  private static void adjust(CommandLine sub) {
    sub.getCommandSpec().usageMessage().abbreviateSynopsis(true);
    if (WITH_PROGRAM.contains(sub.getCommandName())) {
      sub.setStopAtPositional(true);
    }
    sub.getSubcommands().values().forEach(PinnaceCommand::adjust);
  }

  private static PrintWriter utf8(FileDescriptor descriptor) {
    return new PrintWriter(
        new OutputStreamWriter(new FileOutputStream(descriptor), StandardCharsets.UTF_8), true);
  }

  Pinnace open() {
    Pinnace.Builder builder = Pinnace.builder();
    root.ifPresent(builder::root);
    run.ifPresent(builder::runDirectory);
    storage.ifPresent(builder::storage);
    builder.registries(registries.registries());
    return builder.open();
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}
