package dev.pinnace.examples.cli;

import dev.pinnace.error.Printable;
import dev.pinnace.error.StartFailedException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns failures into a message for people and an exit code. */
final class Failures {
  /** Pinnace itself failed, or did not understand; 126 and 127 are about the program. */
  static final int OURS = 125;

  /** As the JDK passes it on from strerror(3). */
  private static final String TOO_MANY = "Too many open files";

  /** As the JVM says it where pthread_create(3) has failed. */
  private static final String NO_THREAD = "unable to create native thread";

  private static final Pattern FLAG = Pattern.compile("(--[^=]+|-[^-]).*");

  private Failures() {}

  /** For {@link CommandLine#setParameterExceptionHandler}. */
  static int misunderstood(ParameterException failure, String... arguments) {
    CommandLine line = failure.getCommandLine();
    String message = asWritten(failure, arguments);
    if (failure instanceof UnmatchedArgumentException unmatched) {
      String argument = unmatched.getUnmatched().get(0);
      Matcher flag = FLAG.matcher(argument);
      if (flag.matches()) {
        String name = flag.group(1);
        message =
            "unknown flag "
                + name
                + MissingFlags.hint(line.getCommandName(), name)
                    .map(hint -> ": " + hint)
                    .orElseGet(() -> meant(line, name));
      } else if (line.getParent() == null) {
        message = MissingCommands.message("", argument, line.getSubcommands().keySet());
      } else if (line.getCommand() instanceof CommandGroup) {
        message =
            MissingCommands.message(
                line.getCommandName(), argument, line.getSubcommands().keySet());
      } else {
        message = "unexpected argument \"" + argument + "\"";
      }
    } else if (failure instanceof MissingParameterException missing) {
      message = missing(line, missing, message);
    } else if (message.startsWith("Unknown subcommand")) { // picocli's HelpCommand
      String last = arguments[arguments.length - 1];
      message = MissingCommands.message("", last, line.getSubcommands().keySet());
    }
    String command = line.getCommandSpec().qualifiedName();
    line.getErr()
        .println("pinnace: " + Printable.line(message) + "\nSee \"" + command + " --help\".");
    return OURS;
  }

  /** The message with the name of the flag that was used, of those that it has. */
  private static String asWritten(ParameterException failure, String... arguments) {
    String message = String.valueOf(failure.getMessage());
    Optional<ArgSpec> concerned =
        failure instanceof MissingParameterException missing
            ? missing.getMissing().stream().findFirst()
            : Optional.ofNullable(failure.getArgSpec());
    if (!(concerned.orElse(null) instanceof OptionSpec option)) {
      return message;
    }
    List<String> names = List.of(option.names());
    return Stream.of(arguments)
        .map(argument -> argument.replaceFirst("=.*", ""))
        .filter(names::contains)
        .findFirst()
        .map(name -> message.replace("'" + option.longestName() + "'", "'" + name + "'"))
        .orElse(message);
  }

  /** Docker too says how a command is written that lacks something. */
  private static String missing(
      CommandLine line, MissingParameterException failure, String message) {
    if (!failure.getMissing().stream().allMatch(ArgSpec::isPositional)) {
      return message;
    }
    String lacking = message.replaceFirst("^[^:]*: ", "").replace("'", "");
    String usage = line.getHelp().abbreviatedSynopsis().strip();
    return line.getCommandName() + " needs " + lacking + ": write " + usage;
  }

  private static String meant(CommandLine line, String flag) {
    List<String> flags =
        line.getCommandSpec().options().stream()
            .flatMap(option -> Stream.of(option.names()))
            .filter(name -> name.startsWith("--"))
            .toList();
    return flag.startsWith("--")
        ? Nearest.of(flag, flags).map(near -> ": did you mean " + near + "?").orElse("")
        : "";
  }

  /** For {@link CommandLine#setExecutionExceptionHandler}. */
  static int report(Exception failure, CommandLine line, CommandLine.ParseResult ignored) {
    return report(line.getErr(), failure);
  }

  /** Says in a line what went wrong; with PINNACE_TRACE in the environment also where. */
  static int report(PrintWriter err, Throwable failure) {
    if (failure instanceof ReaderGone) {
      return ReaderGone.CODE;
    }
    err.println("pinnace: " + Printable.lines(message(failure)));
    if (System.getenv("PINNACE_TRACE") != null) {
      failure.printStackTrace(err);
    }
    if (failure instanceof StartFailedException start) {
      start.lastLogs().forEach(line -> err.println("  " + Printable.line(line)));
      return start.exitCode();
    }
    return OURS;
  }

  private static String message(Throwable failure) {
    if (failure instanceof UncheckedIOException io && io.getCause() != null) {
      return io.getMessage() + ": " + reason(io.getCause());
    }
    return failure instanceof Error ? broken(failure) : reason(failure);
  }

  /** A class of the JDK could not be loaded: what was first is the reason. */
  private static String broken(Throwable failure) {
    Throwable first = failure;
    while (first.getCause() != null) {
      first = first.getCause();
    }
    String reason =
        first.getMessage() == null ? first.getClass().getSimpleName() : first.getMessage();
    if (first instanceof OutOfMemoryError && reason.contains(NO_THREAD)) {
      return "Java could not go on: EAGAIN (no further thread could be started); raise the limit of"
          + " processes and threads (ulimit -u)";
    }
    return reason.contains(TOO_MANY)
        ? "Java could not go on: EMFILE (too many open files); raise the limit of open files"
            + " (ulimit -n)"
        : "Java could not go on: " + first.getClass().getSimpleName() + ": " + reason;
  }

  /** Why a file could not be used; the JDK's messages are often its name alone. */
  static String reason(Throwable failure) {
    if (failure instanceof NoSuchFileException) {
      return "there is no such file";
    }
    if (failure instanceof AccessDeniedException) {
      return "permission denied";
    }
    return failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
  }
}
