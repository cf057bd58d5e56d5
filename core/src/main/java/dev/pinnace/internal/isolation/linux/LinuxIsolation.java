package dev.pinnace.internal.isolation.linux;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.StartFailedException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.internal.isolation.linux.cgroup.CgroupTree;
import dev.pinnace.internal.isolation.linux.plan.HostFacts;
import dev.pinnace.internal.isolation.linux.supervisor.CrashPoints;
import dev.pinnace.internal.isolation.linux.supervisor.EventLoop;
import dev.pinnace.internal.isolation.linux.supervisor.ExitRecords;
import dev.pinnace.internal.isolation.linux.supervisor.PipedOutput;
import dev.pinnace.internal.isolation.linux.supervisor.StandardInputs;
import dev.pinnace.internal.isolation.linux.supervisor.SupervisedContainer;
import dev.pinnace.internal.waiting.Waits;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.Opened;
import dev.pinnace.linux.Pipe;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.LockFile;
import dev.pinnace.linux.plan.LaunchPlan;
import dev.pinnace.linux.process.Capability;
import dev.pinnace.linux.process.Launcher;
import dev.pinnace.linux.process.LeftChildren;
import dev.pinnace.oci.RuntimeConfig;
import dev.pinnace.spec.HostFeature;
import dev.pinnace.spec.Lifetime;
import dev.pinnace.spi.isolation.AttachRequest;
import dev.pinnace.spi.isolation.ContainerPlace;
import dev.pinnace.spi.isolation.ExitRecord;
import dev.pinnace.spi.isolation.IsolationBackend;
import dev.pinnace.spi.isolation.IsolationOptions;
import dev.pinnace.spi.isolation.RunRequest;
import dev.pinnace.spi.isolation.RunningContainer;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Namespaces, cgroup v2 and a supervisor for each container. Thread-safe. */
public final class LinuxIsolation implements IsolationBackend {
  private static final Logger LOG = LoggerFactory.getLogger(LinuxIsolation.class);
  private static final int ADOPT_ATTEMPTS = 200;
  private static final long ADOPT_PAUSE_NANOS = 10_000_000;

  private final EventLoop loop;
  private final Launcher launcher;
  private final CgroupTree cgroups;
  private final Compiler compiler;
  private final Spawning spawning;
  private final Pipe lifeline;
  private final StandardInputs inputs;
  private final Fd nothing;

  /**
   * Finds out about the host and makes the engine's cgroups.
   *
   * @throws UnsupportedException if the launcher cannot be executed here
   */
  public LinuxIsolation(IsolationOptions options) {
    this(options, LinuxIsolation::launcher);
  }

  LinuxIsolation(IsolationOptions options, Supplier<Launcher> load) {
    LeftChildren.reap();
    HostProbe probe = new HostProbe();
    this.inputs = new StandardInputs("pinnace-input-" + options.key());
    try (Opened opened = new Opened()) {
      this.lifeline = opened.add(Pipe.open());
      this.loop = opened.add(new EventLoop("pinnace-events-" + options.key()));
      this.launcher = opened.add(load.get());
      this.cgroups = opened.add(CgroupTree.open(options.root(), options.key(), isPrivileged()));
      HostFacts host = HostTrials.withLayers(launcher, probe.facts(cgroups));
      this.compiler = new Compiler(host, cgroups, launcher);
      this.spawning = new Spawning(loop, launcher, cgroups, lifeline.readEnd(), !host.rootful());
      try (Dir dev = Dir.open(Path.of("/dev"))) {
        this.nothing = dev.open("null", 2, 0);
      }
      opened.keep();
    }
  }

  private static Launcher launcher() {
    try {
      return Launcher.load();
    } catch (ErrnoException refusal) {
      String inItsPlace =
          Arrays.stream(refusal.getSuppressed())
              .map(second -> ", and in its place " + second.getMessage())
              .collect(Collectors.joining());
      throw new UnsupportedException(
          "starting containers",
          "the launcher cannot be put where it may be executed: "
              + refusal.getMessage()
              + inItsPlace,
          "sysctl vm.memfd_noexec=1, or run the JVM as root");
    }
  }

  /** The user that this JVM acts as. */
  public static int uid() {
    return new HostProbe().facts(CgroupTree.none()).uid();
  }

  /** Whether this JVM may do what root does. */
  public static boolean isPrivileged() {
    return new HostProbe().facts(CgroupTree.none()).rootful();
  }

  /**
   * The capabilities that a container can have here, with {@code CAP_}; those of its user namespace
   * where root is only pretended. CAP_MKNOD is not among them where nothing would keep its holder
   * from the host's devices; who names it gets it nevertheless.
   */
  @Override
  public Set<String> capabilities() {
    HostFacts host = compiler.host();
    return host.rootful()
        ? host.capabilities().stream()
            .filter(name -> host.deviceRules() || !name.equals("CAP_MKNOD"))
            .collect(Collectors.toSet())
        : Capability.ALL.stream()
            .filter(c -> c.number() <= host.lastCapability())
            .map(Capability::capName)
            .collect(Collectors.toSet());
  }

  @Override
  public String name() {
    return LinuxProvider.NAME;
  }

  @Override
  public List<HostFeature> probe() {
    return new HostProbe().features(compiler.host(), cgroups, launcher);
  }

  @Override
  public void check(RunRequest request) {
    LaunchPlan unused = compiler.container(request);
  }

  @Override
  public void checkLimits(RuntimeConfig.Resources limits) {
    RuntimeConfig.Resources unused = compiler.enforceable(limits);
  }

  @Override
  public String explain(RunRequest request) {
    return compiler.container(request).render();
  }

  @Override
  public RunningContainer start(RunRequest request, CompletionStage<?> recorded) {
    Optional<InputStream> fed =
        request.stdin().or(() -> request.attachment().flatMap(AttachRequest::stdin));
    return fed.isEmpty()
        ? start(request, recorded, Optional.empty())
        : inputs.feed(
            fed.get(), fd -> start(request, recorded, Optional.of(fd)), LinuxContainer::fed);
  }

  @Override
  public RunningContainer.OpenRoot mount(RunRequest request) {
    SupervisedContainer held = spawning.hold(request, compiler.held(request));
    return new RunningContainer.OpenRoot() {
      @Override
      public Path path() {
        return Path.of(held.held().join().procPath());
      }

      @Override
      public boolean isCurrent() {
        return !held.exit().isDone();
      }

      @Override
      public void close() {
        Waits.undisturbed(() -> Spawning.end(held));
      }
    };
  }

  private LinuxContainer start(
      RunRequest request, CompletionStage<?> recorded, Optional<Fd> stdin) {
    LaunchPlan plan = CrashPoints.in(compiler.container(request));
    if (request.lifetime() == Lifetime.DETACHED) {
      warnOfService(request.name());
    }
    Optional<PipedOutput> output =
        request.attached() ? Optional.of(PipedOutput.open(loop)) : Optional.empty();
    try {
      Spawning.Started started = spawning.start(request, plan, stdin, output, recorded);
      if (request.config().linux().cgroupsPath().isPresent()) {
        tidyAfter(started.container());
      }
      return new LinuxContainer(this, started.container(), output, started.attachment());
    } catch (RuntimeException e) {
      output.ifPresent(PipedOutput::close);
      cgroups.tidy(request.place());
      throw e;
    }
  }

  /** What its cgroup was in goes with it, unless something else is there. */
  private void tidyAfter(SupervisedContainer container) {
    CompletionStage<?> unused =
        container.gone().whenComplete((gone, failure) -> cgroups.tidy(container.place()));
  }

  private void warnOfService(String name) {
    cgroups
        .serviceOver()
        .ifPresent(
            service ->
                LOG.warn(
                    "container {} is detached, and yet ends with {}, in whose cgroup it is: systemd"
                        + " kills it there, unless the service has KillMode=process",
                    name,
                    service));
  }

  /**
   * Whose lock is held runs, or is about to begin or to end: which of these is waited for, and not
   * guessed from a connection that does not come about.
   */
  @Override
  public Optional<RunningContainer> adopt(ContainerPlace place) {
    RuntimeException reason = new IllegalStateException("it was not asked yet");
    for (int attempt = 0; attempt < ADOPT_ATTEMPTS; attempt++) {
      if (!isAlive(place)) {
        return Optional.empty();
      }
      try {
        return Optional.of(meet(place));
      } catch (ConflictException cut) {
        reason = cut;
      } catch (ErrnoException refusal) {
        if (!refusal.is(Errno.ECONNREFUSED, Errno.ENOENT, Errno.EAGAIN)) {
          throw refusal;
        }
        reason = refusal;
      }
      if (Thread.currentThread().isInterrupted()) {
        throw new CancelledException("interrupted while connecting to " + place.id(), reason);
      }
      LockSupport.parkNanos(ADOPT_PAUSE_NANOS);
    }
    throw new ConflictException(
        "container " + place.id() + " runs, but cannot be reached: " + reason.getMessage(), reason);
  }

  private RunningContainer meet(ContainerPlace place) {
    SupervisedContainer container =
        new SupervisedContainer(
            loop,
            SupervisedContainer.connect(place),
            place,
            (section, step, errno) ->
                new StartFailedException(
                    "cannot start " + place.id() + " again", "restart", errno, List.of()));
    try {
      container.meetSupervisor();
    } catch (RuntimeException e) {
      container.close();
      throw e;
    }
    return new LinuxContainer(this, container, Optional.empty(), Optional.empty());
  }

  @Override
  public boolean isAlive(ContainerPlace place) {
    if (!Files.exists(place.lock())) {
      return false;
    }
    try (Dir run = Dir.open(place.runDirectory())) {
      return LockFile.isHeld(run, "lock");
    } catch (ErrnoException e) {
      if (e.is(Errno.ENOENT)) {
        return false;
      }
      throw e;
    }
  }

  @Override
  public boolean killSupervisor(ContainerPlace place) {
    return StuckSupervisor.kill(place);
  }

  @Override
  public Optional<ExitRecord> exitRecord(ContainerPlace place) {
    return ExitRecords.read(place.exit());
  }

  @Override
  public void cleanUp(ContainerPlace place) {
    cgroups.remove(place);
  }

  Compiler compiler() {
    return compiler;
  }

  CgroupTree cgroups() {
    return cgroups;
  }

  EventLoop loop() {
    return loop;
  }

  Fd nothing() {
    return nothing;
  }

  StandardInputs inputs() {
    return inputs;
  }

  long buildId() {
    return launcher.buildId();
  }

  /**
   * The last one first: the lifeline ends the containers. All of them, also after a failure.
   * Supervisors that outlive this are reaped by whichever opens or closes in this JVM after their
   * end.
   */
  @Override
  public void close() {
    LeftChildren.reap();
    try (Opened all = new Opened()) {
      all.add(nothing);
      all.add(launcher);
      all.add(loop);
      all.add(cgroups);
      all.add(lifeline);
      all.add(inputs);
    }
  }
}
