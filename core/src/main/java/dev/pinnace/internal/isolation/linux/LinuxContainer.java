package dev.pinnace.internal.isolation.linux;

import com.google.common.base.Suppliers;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.StartFailedException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.internal.isolation.linux.cgroup.CgroupLimits;
import dev.pinnace.internal.isolation.linux.cgroup.CgroupUsage;
import dev.pinnace.internal.isolation.linux.cgroup.Freezer;
import dev.pinnace.internal.isolation.linux.plan.ExecPlan;
import dev.pinnace.internal.isolation.linux.process.ContainerProcesses;
import dev.pinnace.internal.isolation.linux.process.HostCounters;
import dev.pinnace.internal.isolation.linux.process.ListeningPorts;
import dev.pinnace.internal.isolation.linux.process.LoopbackRequest;
import dev.pinnace.internal.isolation.linux.process.NetworkCounters;
import dev.pinnace.internal.isolation.linux.process.ProcessTree;
import dev.pinnace.internal.isolation.linux.supervisor.PipedOutput;
import dev.pinnace.internal.isolation.linux.supervisor.SupervisedAttachment;
import dev.pinnace.internal.isolation.linux.supervisor.SupervisedContainer;
import dev.pinnace.internal.isolation.linux.supervisor.SupervisedExec;
import dev.pinnace.internal.waiting.Waits;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.file.Memfd;
import dev.pinnace.linux.plan.LaunchPlan;
import dev.pinnace.linux.process.Pidfd;
import dev.pinnace.oci.RuntimeConfig;
import dev.pinnace.oci.RuntimeProcess;
import dev.pinnace.spec.ProcessInfo;
import dev.pinnace.spec.RestartPolicy;
import dev.pinnace.spec.Signal;
import dev.pinnace.spec.Stats;
import dev.pinnace.spi.isolation.AttachRequest;
import dev.pinnace.spi.isolation.ContainerPlace;
import dev.pinnace.spi.isolation.ExecTie;
import dev.pinnace.spi.isolation.ExitRecord;
import dev.pinnace.spi.isolation.RunRequest;
import dev.pinnace.spi.isolation.RunningAttachment;
import dev.pinnace.spi.isolation.RunningContainer;
import dev.pinnace.spi.isolation.RunningExec;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A container with a supervisor, seen from this JVM. */
final class LinuxContainer implements RunningContainer {
  private static final Phase[] PHASES = {
    Phase.STARTING, Phase.STARTING, Phase.RUNNING, Phase.RESTARTING, Phase.ENDING, Phase.EXITED
  };

  private static final Duration END_IS_TOLD = Duration.ofSeconds(1);
  private static final Logger LOG = LoggerFactory.getLogger(LinuxContainer.class);

  private final LinuxIsolation backend;
  private final SupervisedContainer supervised;
  private final Supplier<Optional<Path>> group;
  private volatile @Nullable EncodedExec lastExec;
  private final Optional<PipedOutput> output;
  private final Optional<SupervisedAttachment> attachment;

  LinuxContainer(
      LinuxIsolation backend,
      SupervisedContainer supervised,
      Optional<PipedOutput> output,
      Optional<SupervisedAttachment> attachment) {
    this.backend = backend;
    this.attachment = attachment;
    this.supervised = supervised;
    this.group = Suppliers.memoize(() -> backend.cgroups().of(supervised.place()));
    this.output = output;
    output.ifPresent(o -> o.endWith(supervised.exit()));
  }

  @Override
  public ContainerPlace place() {
    return supervised.place();
  }

  @Override
  public CompletableFuture<Optional<ExitRecord>> exit() {
    return supervised.exit();
  }

  @Override
  public CompletableFuture<Void> gone() {
    return supervised.gone();
  }

  @Override
  public Status status() {
    SupervisedContainer.State state = supervised.state();
    Phase phase = PHASES[Math.min(Math.max(state.phase(), 0), PHASES.length - 1)];
    return new Status(
        phase == Phase.RUNNING && isFrozen() ? Phase.PAUSED : phase,
        state.pid(),
        state.restarts(),
        state.started(),
        state.lastEnd());
  }

  /** Its first process, to be closed; empty while there is none. */
  Optional<Pidfd> firstProcess() {
    return supervised.firstProcess();
  }

  @Override
  public OptionalInt keeper() {
    return supervised.keeper();
  }

  /** The supervisor's own descriptor, from which each run gets it. */
  @Override
  public Optional<Path> network() {
    OptionalInt supervisor = supervised.keeper();
    return supervisor.isEmpty()
        ? Optional.empty()
        : Optional.of(
            Path.of("/proc/" + supervisor.getAsInt() + "/fd/" + Descriptors.JOINED_NETWORK));
  }

  private Optional<Path> cgroup() {
    return group.get();
  }

  private boolean isFrozen() {
    return cgroup().map(Freezer::isFrozen).orElse(false);
  }

  @Override
  public List<ProcessInfo> processes() {
    long first =
        supervised
            .state()
            .pid()
            .orElseThrow(
                () -> new ConflictException("container " + place().id() + " has no process now"));
    return ContainerProcesses.list(cgroup().filter(Files::exists), first);
  }

  @Override
  public Set<Integer> listening() {
    OptionalInt first = supervised.state().pid();
    return first.isPresent() ? ListeningPorts.of(first.getAsInt()) : Set.of();
  }

  @Override
  public byte[] ask(int port, byte[] request, int limit, Duration timeout) {
    OptionalInt first = supervised.state().pid();
    if (first.isEmpty()) {
      return new byte[0];
    }
    try (Pidfd process = Pidfd.open(first.getAsInt())) {
      // Whoever has that number now had it before the supervisor was asked again.
      return first.equals(supervised.state().pid())
          ? LoopbackRequest.ask(process, first.getAsInt(), port, request, limit, timeout)
          : new byte[0];
    } catch (ErrnoException gone) {
      if (gone.is(Errno.ESRCH)) {
        return new byte[0];
      }
      throw gone;
    }
  }

  @Override
  public void killTree(RunningExec exec) {
    try {
      OptionalInt first = supervised.state().pid();
      if (exec instanceof SupervisedExec ours && first.isPresent()) {
        ProcessTree.kill(
            ours.pid(),
            ours.outputNames(),
            first.getAsInt(),
            () -> ContainerProcesses.pids(cgroup().filter(Files::exists), first.getAsInt()));
      }
    } finally {
      RunningContainer.super.killTree(exec);
    }
  }

  /**
   * Between two of its runs its cgroup counts on. Where there is one the supervisor is not asked:
   * it may be stuck.
   */
  @Override
  public Stats stats() {
    HostCounters host = HostCounters.now();
    Optional<Path> counting = cgroup().filter(Files::exists);
    Optional<CgroupUsage> usage = counting.flatMap(CgroupUsage::of);
    if (usage.isEmpty()) {
      List<ProcessInfo> all = processes();
      return ContainerStats.of(all, network(all.stream().map(ProcessInfo::pid)), host);
    }
    Set<Long> members = ContainerProcesses.pids(counting, 0);
    return ContainerStats.of(usage.get(), network(members.stream()), host);
  }

  /** By its oldest process as a rule: others may have made networks of their own. */
  private static Optional<NetworkCounters> network(Stream<Long> pids) {
    return pids.min(Long::compare).flatMap(pid -> NetworkCounters.of(Math.toIntExact(pid)));
  }

  @Override
  public void signal(Signal signal) {
    supervised.signal(signal, 0);
  }

  @Override
  public void stop(Optional<Signal> signal, Optional<Duration> grace) {
    supervised.stop(signal, grace);
    thaw();
  }

  @Override
  public void restartBy(RestartPolicy policy) {
    supervised.restartBy(Compiler.restart(policy.kind()).number(), policy.maximum());
  }

  /** A frozen process cannot act on a signal, nor can one that will be before it has. */
  private void thaw() {
    if (cgroup().map(Freezer::isToBeFrozen).orElse(false)) {
      try {
        freeze(false);
      } catch (ConflictException ended) {
        LOG.debug("container {} ended while it was thawed", place().id());
      }
    }
  }

  @Override
  public void limit(RuntimeConfig.Resources limits) {
    RuntimeConfig.Resources possible = backend.compiler().enforceable(limits);
    Optional<Path> group = cgroup().filter(Files::isDirectory);
    if (group.isPresent()) {
      CgroupLimits.set(
          group.get(), place().id(), possible.unified(), HostCounters.now().swapFree());
    } else if (!Waits.settle(supervised.exit(), END_IS_TOLD)) {
      throw withoutCgroup("limiting a container that runs");
    }
  }

  private UnsupportedException withoutCgroup(String what) {
    return backend
        .cgroups()
        .obstacle()
        .map(lack -> new UnsupportedException(what, lack.reason(), lack.fix()))
        .orElseGet(
            () ->
                new UnsupportedException(
                    what,
                    "it was started without a cgroup",
                    "start it again, as cgroups can be made now"));
  }

  @Override
  public void freeze(boolean frozen) {
    Freezer.set(
        cgroup().orElseThrow(() -> withoutCgroup("pausing a container")), place().id(), frozen);
  }

  @Override
  public RunningExec exec(
      RunRequest container,
      RuntimeProcess process,
      Optional<String> seccomp,
      Optional<InputStream> stdin,
      ExecTie tie) {
    EncodedExec exec = encoded(container, process, seccomp);
    LaunchPlan plan = exec.plan();
    String name = container.name();
    try (Fd planFile = Memfd.sealed("pinnace-plan", exec.bytes())) {
      if (process.terminal()) {
        return explained(name, () -> startOnTerminal(name, planFile, stdin, plan));
      }
      if (stdin.isEmpty()) {
        return explained(name, () -> start(name, planFile, null, plan, tie));
      }
      return backend
          .inputs()
          .feed(
              stdin.get(),
              input -> explained(name, () -> start(name, planFile, input, plan, tie)),
              (started, end) ->
                  endWith(tie == ExecTie.NONE ? started.exit() : started.over(), end));
    }
  }

  /** What is executed again and again, as a check of health is, is compiled once. */
  private EncodedExec encoded(
      RunRequest container, RuntimeProcess process, Optional<String> seccomp) {
    EncodedExec last = lastExec;
    if (last != null && last.isOf(container, process, seccomp)) {
      return last;
    }
    EncodedExec exec =
        EncodedExec.compile(backend.compiler(), backend.buildId(), container, process, seccomp);
    lastExec = exec;
    return exec;
  }

  private SupervisedExec start(
      String name, Fd plan, @Nullable Fd stdin, LaunchPlan source, ExecTie tie) {
    return SupervisedExec.start(
        backend.loop(),
        supervised,
        plan,
        stdin,
        backend.nothing(),
        tie,
        (section, step, errno) -> Unstarted.exec(name, source, section, step, errno));
  }

  private RunningExec startOnTerminal(
      String name, Fd plan, Optional<InputStream> stdin, LaunchPlan source) {
    return SupervisedExec.startOnTerminal(
        backend.loop(),
        supervised,
        plan,
        stdin,
        backend.inputs(),
        backend.nothing(),
        (section, step, errno) -> Unstarted.exec(name, source, section, step, errno));
  }

  private <T> T explained(String name, Supplier<T> start) {
    try {
      return start.get();
    } catch (StartFailedException e) {
      if (e.step().equals(ExecPlan.NOT_PAUSED)) {
        throw new ConflictException("container " + name + " is paused: unpause it first", e);
      }
      if (e.errno() == Errno.ESRCH) {
        throw new ConflictException("container " + name + " does not run", e);
      }
      // With the container its execs end, and may be the first whose end is told.
      if (e.errno() == Errno.ECHILD && Waits.settle(supervised.exit(), END_IS_TOLD)) {
        throw new ConflictException("container " + name + " has ended", e);
      }
      throw e;
    }
  }

  @Override
  public AutoCloseable follow(LongConsumer grown) {
    return supervised.follow(grown);
  }

  @Override
  public RunningAttachment attach(AttachRequest request) {
    if (request.stdin().isEmpty()) {
      return attach(request, Optional.empty());
    }
    return backend
        .inputs()
        .feed(
            request.stdin().get(),
            input -> attach(request, Optional.of(input)),
            SupervisedAttachment::fed);
  }

  /** Nothing is fed to it after its end, or that of who was attached from the beginning. */
  void fed(Runnable end) {
    attachment.ifPresentOrElse(a -> a.fed(end), () -> endWith(exit(), end));
  }

  private static void endWith(CompletableFuture<?> exit, Runnable end) {
    CompletableFuture<?> unused = exit.whenComplete((code, failure) -> end.run());
  }

  private SupervisedAttachment attach(AttachRequest request, Optional<Fd> stdin) {
    return SupervisedAttachment.begin(backend.loop(), supervised, request, stdin).confirmed();
  }

  @Override
  public Optional<RunningAttachment> attachment() {
    return attachment.map(a -> a);
  }

  @Override
  public AutoCloseable output(Consumer<byte[]> stdout, Consumer<byte[]> stderr, Executor executor) {
    PipedOutput pipes =
        output.orElseThrow(
            () -> new IllegalStateException(place().id() + " was not started attached"));
    pipes.deliver(stdout, stderr, executor);
    return pipes;
  }

  @Override
  public OpenRoot root() {
    Fd root = supervised.root();
    return new OpenRoot() {
      @Override
      public Path path() {
        return Path.of(root.procPath());
      }

      @Override
      public boolean isCurrent() {
        return !supervised.exit().isDone();
      }

      @Override
      public void close() {
        root.close();
      }
    };
  }

  @Override
  public void close() {
    supervised.close();
  }
}
