package dev.pinnace.internal.engine;

import dev.pinnace.error.CancelledException;
import dev.pinnace.internal.container.Users;
import dev.pinnace.internal.state.ContainerRecord;
import dev.pinnace.internal.waiting.Waits;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.oci.RuntimeProcess;
import dev.pinnace.oci.RuntimeProcess.Capabilities;
import dev.pinnace.oci.RuntimeProcess.User;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.ExecSpec;
import dev.pinnace.spec.Signal;
import dev.pinnace.spi.isolation.RunRequest;
import dev.pinnace.spi.isolation.RunningContainer;
import dev.pinnace.spi.isolation.RunningExec;
import dev.pinnace.spi.storage.RootMount;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/** Runs further programs in running containers. Thread-safe. */
final class Execs {
  private static final Duration FOREVER = Duration.ofDays(10_000);

  private final Parts parts;
  private final Lifecycle lifecycle;

  Execs(Parts parts, Lifecycle lifecycle) {
    this.parts = parts;
    this.lifecycle = lifecycle;
  }

  /** Runs a program to its end; interrupting the caller kills it. */
  int run(
      ContainerId id,
      ExecSpec spec,
      Optional<InputStream> stdin,
      Consumer<byte[]> stdout,
      Consumer<byte[]> stderr,
      Executor executor) {
    try (RunningExec exec = begin(id, spec, stdin, false)) {
      return awaitEnd(exec, stdout, stderr, executor);
    }
  }

  private static int awaitEnd(
      RunningExec exec, Consumer<byte[]> stdout, Consumer<byte[]> stderr, Executor executor) {
    CompletableFuture<Void> outEnded = new CompletableFuture<>();
    CompletableFuture<Void> errEnded = new CompletableFuture<>();
    exec.output(delivering(stdout, outEnded), delivering(stderr, errEnded), executor);
    try {
      // One wait for all three: each is a change of threads.
      Waits.await(
          CompletableFuture.allOf(exec.exit(), outEnded, errEnded),
          FOREVER,
          "the program and its output to end");
      return exec.exit().join();
    } catch (CancelledException e) {
      exec.signal(Signal.KILL);
      throw e;
    }
  }

  private static Consumer<byte[]> delivering(
      Consumer<byte[]> consumer, CompletableFuture<Void> ended) {
    return piece -> {
      if (piece.length == 0) {
        ended.complete(null);
        return;
      }
      try {
        consumer.accept(piece);
      } catch (RuntimeException | Error e) {
        ended.completeExceptionally(e);
        throw e;
      }
    };
  }

  /** Starts a program whose output goes nowhere. */
  void start(ContainerId id, ExecSpec spec, Optional<InputStream> stdin) {
    begin(id, spec, stdin, true).close();
  }

  private RunningExec begin(
      ContainerId id, ExecSpec spec, Optional<InputStream> stdin, boolean detached) {
    ContainerRecord record = lifecycle.recordOfRunning(id);
    RunningContainer running = lifecycle.running(record);
    RunRequest request =
        Requests.of(record, lifecycle.place(record), new RootMount.Bind(Path.of("/")));
    Optional<String> seccomp = spec.privileged() ? Optional.empty() : request.seccomp();
    return running.exec(request, process(record, running, spec), seccomp, stdin, detached);
  }

  private RuntimeProcess process(ContainerRecord record, RunningContainer running, ExecSpec spec) {
    RuntimeProcess container = record.config().process();
    List<String> env = new ArrayList<>(container.env());
    spec.env()
        .forEach(
            (variable, value) -> {
              env.removeIf(e -> e.startsWith(variable + "="));
              env.add(variable + "=" + value);
            });
    User user = spec.user().map(name -> user(running, name)).orElse(container.user());
    Set<String> capabilities =
        spec.privileged() ? parts.capabilities() : container.capabilities().bounding();
    return new RuntimeProcess(
        false,
        user,
        spec.command(),
        env,
        spec.workdir().orElse(container.cwd()),
        Capabilities.of(capabilities, user.uid()),
        container.rlimits(),
        container.noNewPrivileges() && !spec.privileged(),
        container.oomScoreAdj());
  }

  /** Users are looked up in the running container's root, which may differ from the image's. */
  private User user(RunningContainer running, String text) {
    boolean isRoot = text.equals("0") || text.equals("root") || text.equals("0:0");
    if (isRoot && !parts.ids()) {
      return User.ROOT;
    }
    try (RunningContainer.OpenRoot open = running.root();
        Dir root = Dir.open(open.path())) {
      Users.Identity identity = Users.in(root).resolve(text.equals("root") ? "0" : text, List.of());
      return new User(identity.uid(), identity.gid(), 022, identity.groups());
    }
  }
}
