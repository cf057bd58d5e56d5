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
import dev.pinnace.internal.isolation.linux.supervisor.Replies;
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
import dev.pinnace.linux.file.Memfd;
import dev.pinnace.linux.net.UnixSocket;
import dev.pinnace.linux.plan.LaunchPlan;
import dev.pinnace.linux.process.Capability;
import dev.pinnace.linux.process.Launcher;
import dev.pinnace.linux.process.Pidfd;
import dev.pinnace.spec.HostFeature;
import dev.pinnace.spec.Lifetime;
import dev.pinnace.spi.isolation.ContainerPlace;
import dev.pinnace.spi.isolation.ExitRecord;
import dev.pinnace.spi.isolation.IsolationBackend;
import dev.pinnace.spi.isolation.IsolationOptions;
import dev.pinnace.spi.isolation.RunRequest;
import dev.pinnace.spi.isolation.RunningContainer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Namespaces, cgroup v2 and a supervisor for each container. Thread-safe. */
public final class LinuxIsolation implements IsolationBackend {
  private static final Logger LOG = LoggerFactory.getLogger(LinuxIsolation.class);
  private static final Duration END_LIMIT = Duration.ofSeconds(20);
  private static final Duration LOCK_LIMIT = Duration.ofSeconds(2);
  private static final int ADOPT_ATTEMPTS = 200;
  private static final long ADOPT_PAUSE_NANOS = 10_000_000;

  private final EventLoop loop;
  private final Launcher launcher;
  private final CgroupTree cgroups;
  private final Compiler compiler;
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
    HostProbe probe = new HostProbe();
    this.inputs = new StandardInputs("pinnace-input-" + options.key());
    try (Opened opened = new Opened()) {
      this.lifeline = opened.add(Pipe.open());
      this.loop = opened.add(new EventLoop("pinnace-events-" + options.key()));
      this.launcher = opened.add(load.get());
      this.cgroups = opened.add(CgroupTree.open(options.root(), options.key(), isPrivileged()));
      HostFacts host = HostTrials.withLayers(launcher, probe.facts(cgroups));
      this.compiler = new Compiler(host, cgroups, launcher);
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
  public String explain(RunRequest request) {
    return compiler.container(request).render();
  }

  @Override
  public RunningContainer start(RunRequest request, CompletionStage<?> recorded) {
    return request.stdin().isEmpty()
        ? start(request, recorded, Optional.empty())
        : inputs.feed(request.stdin().get(), fd -> start(request, recorded, Optional.of(fd)));
  }

  private RunningContainer start(
      RunRequest request, CompletionStage<?> recorded, Optional<Fd> stdin) {
    LaunchPlan plan = CrashPoints.in(compiler.container(request));
    if (request.lifetime() == Lifetime.DETACHED) {
      warnOfService(request.name());
    }
    Optional<PipedOutput> output =
        request.attached() ? Optional.of(PipedOutput.open(loop)) : Optional.empty();
    try {
      SupervisedContainer container = started(request, plan, stdin, output, recorded);
      return new LinuxContainer(this, container, output);
    } catch (RuntimeException e) {
      output.ifPresent(PipedOutput::close);
      throw e;
    }
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

  private SupervisedContainer started(
      RunRequest request,
      LaunchPlan plan,
      Optional<Fd> stdin,
      Optional<PipedOutput> output,
      CompletionStage<?> recorded) {
    SupervisedContainer container = spawn(request, plan, stdin, output);
    try {
      output.ifPresent(PipedOutput::passedOn);
      container.releaseWhen(recorded);
      Waits.await(container.started(), Replies.LIMIT, request.name() + " to start");
      return container;
    } catch (RuntimeException e) {
      endFailed(container);
      throw e;
    }
  }

  /** Nothing of a start that failed, or was interrupted, may run on. */
  private static void endFailed(SupervisedContainer container) {
    container.abandon();
    if (!Waits.settle(container.gone(), END_LIMIT)) {
      LOG.warn("the supervisor of {} did not end in time", container.place().id());
    }
    container.close();
  }

  private SupervisedContainer spawn(
      RunRequest request, LaunchPlan plan, Optional<Fd> stdin, Optional<PipedOutput> output) {
    ContainerPlace place = request.place();
    UnixSocket.Pair control = UnixSocket.pair();
    boolean handedOver = false;
    try (Descriptors descriptors = new Descriptors();
        Dir run = Dir.open(place.runDirectory())) {
      LockFile lock = descriptors.own(LockFile.open(run, "lock"));
      take(lock, request.name());
      removeSocket(place);
      descriptors.own(control.right());
      UnixSocket listening = descriptors.own(UnixSocket.listen(run.path() + "/sock"));
      descriptors
          .give(Descriptors.PLAN, Memfd.sealed("pinnace-plan", plan.encode(launcher.buildId())))
          .lend(Descriptors.CONTROL, control.right().fd())
          .lend(Descriptors.LISTEN, listening.fd())
          .lend(Descriptors.LOCK, lock.fd())
          .directory(Descriptors.LOGS, place.logs())
          .directory(Descriptors.STATE, place.directory());
      if (request.lifetime() == Lifetime.BOUND) {
        descriptors.lend(Descriptors.LIFELINE, lifeline.readEnd());
      }
      stdin.ifPresent(fd -> descriptors.lend(Descriptors.STDIN, fd));
      output.ifPresent(
          pipes ->
              descriptors
                  .lend(Descriptors.ATTACHED_STDOUT, pipes.toStdout())
                  .lend(Descriptors.ATTACHED_STDERR, pipes.toStderr()));
      passCgroups(descriptors);
      SupervisedContainer container =
          new SupervisedContainer(
              loop,
              control.left(),
              place,
              (section, step, errno) ->
                  failure(
                      "cannot start \"" + request.name() + "\"",
                      plan,
                      step,
                      errno,
                      "start the supervisor",
                      Unstarted::container));
      handedOver = true;
      launch(container, descriptors);
      return container;
    } finally {
      if (!handedOver) {
        control.left().close();
        control.right().close();
      }
    }
  }

  /** Whoever is spawned is listened to already, so that a start that fails can be ended. */
  private void launch(SupervisedContainer container, Descriptors descriptors) {
    try {
      reapLater(launcher.start(descriptors.byNumber()));
    } catch (RuntimeException e) {
      container.abandon();
      container.close();
      throw e;
    }
  }

  /**
   * The lock of a container that has just ended can be held for some milliseconds more: by whoever
   * asks whether it lives, or by a process that some thread of this JVM has forked and that has not
   * reached its execve.
   */
  private static void take(LockFile lock, String name) {
    try {
      if (lock.lock(LockFile.Mode.EXCLUSIVE, LOCK_LIMIT)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancelledException("interrupted while starting " + name, e);
    }
    throw new ConflictException("container " + name + " runs already");
  }

  /** Whoever tidies up the cgroup tree may have removed the directories: they are made again. */
  private void passCgroups(Descriptors descriptors) {
    if (cgroups.base().isEmpty()) {
      return;
    }
    try {
      openCgroups(descriptors);
    } catch (ErrnoException e) {
      if (!e.is(Errno.ENOENT)) {
        throw e;
      }
      cgroups.ensure();
      openCgroups(descriptors);
    }
  }

  private void openCgroups(Descriptors descriptors) {
    cgroups.supervisors().ifPresent(path -> descriptors.directory(Descriptors.SUPERVISORS, path));
    cgroups.base().ifPresent(path -> descriptors.directory(Descriptors.CGROUPS, path));
  }

  /** The spawned process ends as soon as it has cloned the supervisor. */
  private void reapLater(Pidfd spawned) {
    loop.watch(
        spawned.fd(),
        watch -> {
          watch.end();
          spawned.reap();
          spawned.close();
        },
        lost -> spawned.close());
  }

  /**
   * The exit record of an earlier run stays until the supervisor removes it: a start that fails
   * before there is one changes nothing.
   */
  private static void removeSocket(ContainerPlace place) {
    try {
      Files.deleteIfExists(place.socket());
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(
          "cannot remove what an earlier run left in " + place.runDirectory(), e);
    }
  }

  /**
   * Says why something did not start.
   *
   * @param what could not be done
   * @param attempt what is said to have been attempted where no step is to blame
   * @param reason why then, by its errno
   */
  static StartFailedException failure(
      String what,
      LaunchPlan plan,
      int step,
      int errno,
      String attempt,
      IntFunction<String> reason) {
    String sentence = step < 0 ? attempt : plan.sentence(step);
    String why =
        step < 0
            ? reason.apply(errno)
            : sentence + ": " + Errno.describe(errno) + Hints.of(sentence, errno);
    return new StartFailedException(what + ": " + why, sentence, errno, List.of());
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
    return new LinuxContainer(this, container, Optional.empty());
  }

  @Override
  public boolean isAlive(ContainerPlace place) {
    if (!Files.exists(place.lock())) {
      return false;
    }
    try (Dir run = Dir.open(place.runDirectory());
        LockFile lock = LockFile.open(run, "lock")) {
      return lock.isHeldByOthers();
    } catch (ErrnoException e) {
      if (e.is(Errno.ENOENT)) {
        return false;
      }
      throw e;
    }
  }

  @Override
  public Optional<ExitRecord> exitRecord(ContainerPlace place) {
    return ExitRecords.read(place.exit());
  }

  @Override
  public void cleanUp(ContainerPlace place) {
    cgroups.remove(place.id());
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

  /** The last one first: the lifeline ends the containers. All of them, also after a failure. */
  @Override
  public void close() {
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
