package dev.pinnace.internal.engine;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.TimedOutException;
import dev.pinnace.event.Event.Action;
import dev.pinnace.internal.container.ConfigFactory;
import dev.pinnace.internal.container.Users;
import dev.pinnace.internal.state.ContainerRecord;
import dev.pinnace.internal.waiting.Waits;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.oci.RuntimeProcess;
import dev.pinnace.oci.RuntimeProcess.Capabilities;
import dev.pinnace.oci.RuntimeProcess.ConsoleSize;
import dev.pinnace.oci.RuntimeProcess.User;
import dev.pinnace.spec.AttachOptions;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.ExecSpec;
import dev.pinnace.spec.NamespaceSpec.UserMap;
import dev.pinnace.spec.Signal;
import dev.pinnace.spec.TerminalSize;
import dev.pinnace.spi.isolation.ExecTie;
import dev.pinnace.spi.isolation.RunRequest;
import dev.pinnace.spi.isolation.RunningContainer;
import dev.pinnace.spi.isolation.RunningExec;
import dev.pinnace.spi.storage.RootMount;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs further programs in running containers. Thread-safe. */
final class Execs {
  private static final Logger LOG = LoggerFactory.getLogger(Execs.class);

  /** How long a program that is killed at its time limit may take to end. */
  private static final Duration KILLING = Duration.ofSeconds(10);

  /**
   * For what had been written by then; processes that the program left may hold its output open.
   */
  static final Duration REST = Duration.ofMillis(500);

  private static final int LONGEST_TOLD = 1000;

  /**
   * How it ended.
   *
   * @param code its exit code, or 128 and the signal that ended it
   * @param timedOut whether its time limit came before its end or that of its output
   */
  record End(int code, boolean timedOut) {}

  private final Parts parts;
  private final Events events;
  private final ContainerLookup lookup;
  private final ContainerLinks links;
  private final ContainerNetworks networks;

  Execs(
      Parts parts,
      Events events,
      ContainerLookup lookup,
      ContainerLinks links,
      ContainerNetworks networks) {
    this.parts = parts;
    this.events = events;
    this.lookup = lookup;
    this.links = links;
    this.networks = networks;
  }

  /**
   * Runs a program to its end, or its time limit; interrupting the caller kills it, and so does a
   * consumer that fails.
   */
  End run(
      ContainerId id,
      ExecSpec spec,
      Optional<InputStream> stdin,
      Consumer<byte[]> stdout,
      Consumer<byte[]> stderr,
      Executor executor) {
    ContainerRecord record = lookup.recordOfRunning(id);
    RunningContainer running = lookup.running(record);
    try (RunningExec exec = begin(running, record, spec, stdin, Optional.empty(), ExecTie.OUTPUT)) {
      tellStart(record, spec);
      try {
        return awaitEnd(
            exec, () -> kill(exec), atEnd(spec, exec), spec.timeout(), stdout, stderr, executor);
      } finally {
        tellEnd(record, spec, exec);
      }
    }
  }

  /**
   * Runs a program that looks whether a container is well: where it is killed, what it has started
   * is too, and where it has ended that goes on, be it with its output.
   *
   * @param output gets both streams; it never waits
   * @param begun is called once it runs: of one whose start is cut short the first process alone is
   *     killed
   */
  End check(ContainerId id, ExecSpec spec, Consumer<byte[]> output, Runnable begun) {
    ContainerRecord record = lookup.recordOfRunning(id);
    return look(
        record,
        spec,
        output,
        () -> {
          tellStart(record, spec);
          begun.run();
        },
        exec -> tellEnd(record, spec, exec));
  }

  /** The same for whoever asks until all is well: so many events would leave room for no others. */
  End ask(ContainerId id, ExecSpec spec) {
    return look(lookup.recordOfRunning(id), spec, piece -> {}, () -> {}, exec -> {});
  }

  private End look(
      ContainerRecord record,
      ExecSpec spec,
      Consumer<byte[]> output,
      Runnable begun,
      Consumer<RunningExec> ended) {
    RunningContainer running = lookup.running(record);
    try (RunningExec exec =
        begin(running, record, spec, Optional.empty(), Optional.empty(), ExecTie.LIFE)) {
      OptionalInt unused = exec.pid(); // what it has started may be there when it is not
      begun.run();
      try {
        return awaitEnd(
            exec,
            () -> Waits.undisturbed(() -> running.killTree(exec)),
            (rest, all) -> all.completeOnTimeout(null, REST.toMillis(), TimeUnit.MILLISECONDS),
            spec.timeout(),
            output,
            output,
            Runnable::run);
      } finally {
        ended.accept(exec);
      }
    }
  }

  private void tellStart(ContainerRecord record, ExecSpec spec) {
    events.tell(record, Action.EXEC_START, Map.of("command", commandLine(spec)));
  }

  /** One that was killed has not quite ended yet. */
  private void tellEnd(ContainerRecord record, ExecSpec spec, RunningExec exec) {
    if (Waits.settle(exec.exit(), REST) && !exec.exit().isCompletedExceptionally()) {
      String code = Integer.toString(exec.exit().join());
      events.tell(record, Action.EXEC_DIE, Map.of("command", commandLine(spec), "exitCode", code));
    }
  }

  private static String commandLine(ExecSpec spec) {
    String whole = String.join(" ", spec.command());
    return whole.length() <= LONGEST_TOLD ? whole : whole.substring(0, LONGEST_TOLD) + "...";
  }

  /** What the program left may hold its terminal open, which is at rest then, and so is this. */
  private static BiConsumer<OutputRest, CompletableFuture<Void>> atEnd(
      ExecSpec spec, RunningExec exec) {
    return spec.terminal() ? (rest, all) -> rest.complete(all, exec::hasMore) : (rest, all) -> {};
  }

  /**
   * Waits for a program and its output.
   *
   * @param atEnd what is done, once the program has ended, about output that is open still
   */
  private static End awaitEnd(
      RunningExec exec,
      Runnable kill,
      BiConsumer<OutputRest, CompletableFuture<Void>> atEnd,
      Optional<Duration> limit,
      Consumer<byte[]> stdout,
      Consumer<byte[]> stderr,
      Executor executor) {
    CompletableFuture<Void> outEnded = new CompletableFuture<>();
    CompletableFuture<Void> errEnded = new CompletableFuture<>();
    // One wait for all three: each is a change of threads.
    CompletableFuture<Void> all = CompletableFuture.allOf(exec.exit(), outEnded, errEnded);
    Consumer<Throwable> failed = all::completeExceptionally;
    OutputRest rest = new OutputRest();
    exec.output(
        delivering(rest.noted(stdout), outEnded, failed),
        delivering(rest.noted(stderr), errEnded, failed),
        telling(failed, executor));
    CompletableFuture<?> unused = exec.exit().thenRun(() -> atEnd.accept(rest, all));
    try {
      Waits.await(all, limit.orElse(Waits.FOREVER), "the program and its output to end");
      return new End(exec.exit().join(), false);
    } catch (TimedOutException late) { // or a consumer has thrown one: then that comes out here
      return new End(endAtLimit(exec, kill, all), true);
    } catch (RuntimeException | Error e) {
      killed(kill).ifPresent(e::addSuppressed);
      throw e;
    }
  }

  /** Its exit code; what it had written is handed on. */
  private static int endAtLimit(RunningExec exec, Runnable kill, CompletableFuture<Void> all) {
    Optional<RuntimeException> unkilled = killed(kill);
    try {
      int code = Waits.await(exec.exit(), KILLING, "the program to end at its time limit");
      if (Waits.settle(all, REST)) {
        Waits.await(all, Duration.ZERO, "the program's output to be handed on");
      }
      return code;
    } catch (RuntimeException e) {
      unkilled.ifPresent(e::addSuppressed);
      throw e;
    }
  }

  /** Nobody waits for it any more; what is answered is why it could not be killed. */
  private static Optional<RuntimeException> killed(Runnable kill) {
    try {
      kill.run();
      return Optional.empty();
    } catch (RuntimeException unkilled) { // it has ended, or cannot be reached
      return Optional.of(unkilled);
    }
  }

  private static void kill(RunningExec exec) {
    if (!exec.exit().isDone()) {
      exec.signal(Signal.KILL);
    }
  }

  /** What fails on another thread is told to whoever waits, not to that thread's handler. */
  static Executor telling(Consumer<Throwable> failed, Executor executor) {
    return work ->
        executor.execute(
            () -> {
              try {
                work.run();
              } catch (RuntimeException | Error e) {
                failed.accept(e);
              }
            });
  }

  private static Consumer<byte[]> delivering(
      Consumer<byte[]> consumer, CompletableFuture<Void> ended, Consumer<Throwable> failed) {
    return piece -> {
      if (piece.length == 0) {
        ended.complete(null);
        return;
      }
      try {
        consumer.accept(piece);
      } catch (RuntimeException | Error e) {
        failed.accept(e);
        throw e;
      }
    };
  }

  /** Starts a program whose end nobody has to wait for. */
  EngineExec start(
      ContainerId id,
      ExecSpec spec,
      AttachOptions options,
      Consumer<byte[]> stdout,
      Consumer<byte[]> stderr) {
    if (spec.timeout().isPresent() || spec.stdin().isPresent()) {
      throw new InvalidSpecException(
          "the exec of "
              + spec.command().get(0)
              + " has a time limit, or bytes to read, which who is attached to it has to see to:"
              + " leave them out");
    }
    ConsumerFailure own = new ConsumerFailure();
    CompletableFuture<Void> outEnded = new CompletableFuture<>();
    CompletableFuture<Void> errEnded = new CompletableFuture<>();
    CompletableFuture<Void> all = CompletableFuture.allOf(outEnded, errEnded);
    Consumer<Throwable> failed = all::completeExceptionally;
    ContainerRecord record = lookup.recordOfRunning(id);
    RunningExec exec =
        begin(
            lookup.running(record), record, spec, options.stdin(), options.size(), ExecTie.OUTPUT);
    tellStart(record, spec);
    AtomicBoolean told = new AtomicBoolean();
    CompletionStage<?> unused =
        exec.exit()
            .thenRunAsync(
                () -> {
                  if (told.compareAndSet(false, true)) {
                    tellEnd(record, spec, exec);
                  }
                },
                parts.work());
    OutputRest rest = new OutputRest();
    try {
      exec.output(
          delivering(rest.noted(own.keptOf(stdout)), outEnded, failed),
          delivering(rest.noted(own.keptOf(stderr)), errEnded, failed),
          telling(failed, parts.work()));
    } catch (RuntimeException e) {
      exec.close();
      throw e;
    }
    unused = exec.exit().thenRun(() -> atEnd(spec, exec).accept(rest, all));
    return new EngineExec(
        exec, all, own, spec.terminal(), () -> ApiCalls.of(() -> leave(record, spec, exec, told)));
  }

  /** Starts a program whose output goes nowhere. */
  void start(ContainerId id, ExecSpec spec, Optional<InputStream> stdin) {
    if (spec.timeout().isPresent()) {
      throw new InvalidSpecException(
          "the detached exec of "
              + spec.command().get(0)
              + " cannot have a time limit, for nobody waits for it: leave the limit out");
    }
    if (spec.terminal() && stdin.isPresent()) {
      throw new InvalidSpecException(
          "the detached exec of "
              + spec.command().get(0)
              + " cannot have both a terminal and bytes to read, for nobody would type them: leave"
              + " one of the two out");
    }
    ContainerRecord record = lookup.recordOfRunning(id);
    try (RunningExec exec =
        begin(lookup.running(record), record, spec, stdin, Optional.empty(), ExecTie.NONE)) {
      tellStart(record, spec);
      try {
        boolean unused = leave(record, spec, exec, new AtomicBoolean());
      } catch (CancelledException interrupted) {
        throw interrupted;
      } catch (RuntimeException e) { // it runs, and needs nobody
        if (spec.terminal()) {
          throw e;
        }
        LOG.warn("the end of a detached exec will not be told: {}", e.getMessage());
      }
    }
  }

  /**
   * From now on whoever keeps the container tells its end; where that has come it is told here.
   *
   * @param told whether somebody does that already
   * @return whether it runs on
   */
  private boolean leave(
      ContainerRecord record, ExecSpec spec, RunningExec exec, AtomicBoolean told) {
    if (!told.compareAndSet(false, true)) {
      return false;
    }
    try {
      boolean runs = exec.leave(events.textOf(record, Map.of("command", commandLine(spec))));
      if (!runs) {
        tellEnd(record, spec, exec);
      }
      return runs;
    } catch (RuntimeException e) {
      told.set(false);
      if (exec.exit().isDone() && told.compareAndSet(false, true)) { // while nobody told it
        tellEnd(record, spec, exec);
      }
      throw e;
    }
  }

  private RunningExec begin(
      RunningContainer running,
      ContainerRecord record,
      ExecSpec spec,
      Optional<InputStream> stdin,
      Optional<TerminalSize> size,
      ExecTie tie) {
    networks.answerNames(record);
    RunRequest request = Requests.of(parts, record, new RootMount.Bind(Path.of("/")));
    Optional<String> seccomp = spec.privileged() ? Optional.empty() : request.seccomp();
    RuntimeProcess process =
        process(record, running, spec)
            .withConsoleSize(size.map(s -> new ConsoleSize(s.rows(), s.columns())));
    return running.exec(request, process, seccomp, stdin, tie);
  }

  private RuntimeProcess process(ContainerRecord record, RunningContainer running, ExecSpec spec) {
    RuntimeProcess container = record.config().process();
    Optional<Users.Identity> identity = spec.user().map(name -> identity(record, running, name));
    User user =
        identity
            .map(found -> new User(found.uid(), found.gid(), 022, found.groups()))
            .orElse(container.user());
    Set<String> capabilities =
        spec.privileged() ? parts.capabilities() : container.capabilities().bounding();
    return new RuntimeProcess(
        spec.terminal(),
        Optional.empty(),
        user,
        spec.command(),
        environment(record, spec, identity),
        spec.workdir().orElse(container.cwd()),
        Capabilities.of(capabilities, user.uid()),
        container.rlimits(),
        container.noNewPrivileges() && !spec.privileged(),
        container.oomScoreAdj(),
        container.apparmorProfile());
  }

  /** Another user has another home, unless whoever made image or container has chosen one. */
  private List<String> environment(
      ContainerRecord record, ExecSpec spec, Optional<Users.Identity> identity) {
    List<String> own = record.config().process().env();
    List<String> env = new ArrayList<>(ContainerLinks.under(own, links.known(record)));
    if (ConfigFactory.hasDefaultHome(record.spec(), env)) {
      identity.ifPresent(found -> env.set(env.size() - 1, "HOME=" + found.home()));
    }
    if (spec.terminal() && env.stream().noneMatch(e -> e.startsWith("TERM="))) {
      env.add("TERM=xterm");
    }
    spec.unsetEnv().forEach(variable -> env.removeIf(e -> e.startsWith(variable + "=")));
    spec.env()
        .forEach(
            (variable, value) -> {
              env.removeIf(e -> e.startsWith(variable + "="));
              env.add(variable + "=" + value);
            });
    return env;
  }

  /**
   * Users are looked up in the running container's root, which may differ from the image's. Root is
   * root even where the container has made its files unreadable.
   */
  private Users.Identity identity(ContainerRecord record, RunningContainer running, String text) {
    boolean isRoot = text.equals("0") || text.equals("root") || text.equals("0:0");
    if (isRoot && !parts.ids()) {
      return Users.Identity.ONLY_ROOT;
    }
    String user = text.equals("root") ? "0" : text;
    List<String> groups = record.spec().process().groups();
    Optional<UserMap> map = record.spec().namespaces().userMap();
    try (RunningContainer.OpenRoot open = running.root();
        Dir root = Dir.open(open.path())) {
      return Users.in(root).resolve(user, groups, map);
    } catch (InvalidSpecException unreadable) {
      if (!isRoot) {
        throw unreadable;
      }
      LOG.debug("root gets no groups of the container's files", unreadable);
      return Users.NONE.resolve("0:0", groups, map);
    }
  }
}
