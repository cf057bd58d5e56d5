package dev.pinnace.examples.cli;

import dev.pinnace.Container;
import dev.pinnace.Exec;
import dev.pinnace.Pinnace;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.error.Printable;
import dev.pinnace.spec.AttachOptions;
import dev.pinnace.spec.ExecSpec;
import java.io.FileDescriptor;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "exec", description = "Runs a further program in a running container.")
final class ExecCommand extends EngineCommand {
  @Parameters(index = "0", paramLabel = "CONTAINER", description = "Name or id.")
  private String container;

  @Parameters(
      index = "1..*",
      arity = "1..*",
      paramLabel = "PROGRAM",
      description = "The program and its arguments.")
  private List<String> command;

  @Option(
      names = {"-d", "--detach"},
      description = "Leave it running, with no output.")
  private boolean detach;

  @Option(
      names = {"-e", "--env"},
      paramLabel = "NAME[=VALUE]",
      description = "Set an environment variable; without a value, the caller's, or none.")
  private List<String> env = new ArrayList<>();

  @Option(
      names = "--env-file",
      paramLabel = "FILE",
      description = "Read environment variables, one a line.")
  private List<Path> envFiles = new ArrayList<>();

  @Option(
      names = {"-u", "--user"},
      paramLabel = "USER[:GROUP]",
      description = "Names or numbers; the container's user by default.")
  private Optional<String> user = Optional.empty();

  @Option(
      names = {"-w", "--workdir"},
      paramLabel = "DIR",
      description = "Working directory; the container's by default.")
  private Optional<String> workdir = Optional.empty();

  @Option(
      names = {"-i", "--interactive"},
      description = "Pass standard input on; with -d there is none, as for Docker.")
  private boolean interactive;

  @Option(
      names = {"-t", "--tty"},
      description = "Give it a terminal, which is hung up when this call is killed.")
  private boolean terminal;

  @Option(
      names = "--detach-keys",
      paramLabel = "KEYS",
      description = "With -it, what leaves it running when it is typed; by default ctrl-p,ctrl-q.")
  private String detachKeys = DetachKeys.USUAL;

  @Option(names = "--privileged", description = "Every capability, no seccomp filter.")
  private boolean privileged;

  @Override
  int execute(Pinnace pinnace) {
    DetachKeys keys = DetachKeys.parse(detachKeys);
    if (interactive && terminal && !detach) {
      OwnTerminal.require();
    }
    Container target = pinnace.containers().get(container);
    ExecSpec spec = spec();
    if (detach) {
      target.executeDetached(terminal ? spec.withTerminal() : spec);
      return OK;
    }
    Consumer<byte[]> stdout = bytes -> Streams.write(FileDescriptor.out, bytes);
    Consumer<byte[]> stderr = bytes -> Streams.write(FileDescriptor.err, bytes);
    if (terminal) {
      return onTerminal(target, spec.withTerminal(), keys, stdout, stderr);
    }
    return interactive
        ? target.execute(spec, Streams.standardInput(), stdout, stderr)
        : target.execute(spec, stdout, stderr);
  }

  private int onTerminal(
      Container target,
      ExecSpec spec,
      DetachKeys keys,
      Consumer<byte[]> stdout,
      Consumer<byte[]> stderr) {
    OptionalInt code = stay(options -> target.exec(spec, options, stdout, stderr), keys);
    if (code.isEmpty()) {
      err().println("\npinnace: left a program in " + target.name() + ", which goes on");
    }
    return code.orElse(OK);
  }

  /** Its exit code; empty when the keys were typed that leave it alone. */
  @SuppressWarnings("try") // the terminal is the program's for as long as the block lasts
  private OptionalInt stay(Function<AttachOptions, Exec> begin, DetachKeys keys) {
    CompletableFuture<Exec> begun = new CompletableFuture<>();
    AtomicBoolean leaving = new AtomicBoolean();
    Optional<InputStream> typed =
        interactive
            ? Optional.of(
                Keyboard.begin(
                        Streams.standardInput(),
                        keys,
                        () -> leave(begun.join(), leaving),
                        () -> begun.join().close())
                    .next())
            : Optional.empty();
    AttachOptions options = new AttachOptions(typed, OwnTerminal.size());
    try (OwnTerminal own = OwnTerminal.give(interactive);
        Exec exec = begin.apply(options);
        SignalProxy window = SignalProxy.none()) {
      begun.complete(exec);
      Runnable resized =
          () -> {
            synchronized (exec) { // so that the last size is told last
              OwnTerminal.size().ifPresent(exec::resize);
            }
          };
      window.onWindowChange(resized);
      resized.run();
      return OptionalInt.of(exec.await());
    } catch (ConflictException e) {
      if (leaving.get()) {
        return OptionalInt.empty();
      }
      throw e;
    }
  }

  /** What cannot be left ends with this call. */
  private void leave(Exec exec, AtomicBoolean leaving) {
    leaving.set(true);
    try {
      exec.detach();
    } catch (PinnaceException e) {
      leaving.set(false);
      err().println("pinnace: " + Printable.line(String.valueOf(e.getMessage())));
      exec.close();
    }
  }

  ExecSpec spec() {
    ExecSpec spec = withVariables(ExecSpec.of(command.toArray(String[]::new)));
    spec = user.map(spec::withUser).orElse(spec);
    spec = workdir.map(spec::withWorkdir).orElse(spec);
    return privileged ? spec.withPrivileges() : spec;
  }

  private ExecSpec withVariables(ExecSpec spec) {
    ExecSpec[] result = {spec};
    BiConsumer<String, String> set = (name, value) -> result[0] = result[0].withEnv(name, value);
    envFiles.forEach(file -> Assignments.file(file, set));
    Assignments.variables(env, set, name -> result[0] = result[0].withoutEnv(name));
    return result[0];
  }
}
