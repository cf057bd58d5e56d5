package dev.pinnace.internal.isolation.linux;

import com.google.common.base.Suppliers;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.internal.isolation.linux.cgroup.CgroupTree;
import dev.pinnace.internal.isolation.linux.plan.ContainerPlan;
import dev.pinnace.internal.isolation.linux.plan.ExecPlan;
import dev.pinnace.internal.isolation.linux.plan.FilterProgram;
import dev.pinnace.internal.isolation.linux.plan.HostFacts;
import dev.pinnace.internal.isolation.linux.plan.PlanRequest;
import dev.pinnace.internal.isolation.linux.seccomp.DefaultSeccompProfile;
import dev.pinnace.internal.isolation.linux.seccomp.KernelVersion;
import dev.pinnace.internal.isolation.linux.seccomp.SeccompCompiler;
import dev.pinnace.internal.isolation.linux.seccomp.SeccompFilter;
import dev.pinnace.internal.isolation.linux.seccomp.SeccompProfile;
import dev.pinnace.linux.Kernel;
import dev.pinnace.linux.plan.LaunchPlan;
import dev.pinnace.linux.plan.PlanTooLargeException;
import dev.pinnace.linux.plan.SupervisorPolicy;
import dev.pinnace.linux.plan.SupervisorPolicy.Flag;
import dev.pinnace.linux.process.Launcher;
import dev.pinnace.oci.RuntimeConfig;
import dev.pinnace.oci.RuntimeConfig.NamespaceType;
import dev.pinnace.oci.RuntimeConfig.Resources;
import dev.pinnace.oci.RuntimeProcess;
import dev.pinnace.spec.Lifetime;
import dev.pinnace.spec.RestartPolicy;
import dev.pinnace.spi.isolation.EventTarget;
import dev.pinnace.spi.isolation.RunRequest;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;

/** Turns requests into plans, and refuses what this host cannot do. Thread-safe. */
final class Compiler {
  private final HostFacts host;
  private final CgroupTree cgroups;
  private final Launcher launcher;
  private final Supplier<Optional<Trial.Refusal>> obstacle;

  Compiler(HostFacts host, CgroupTree cgroups, Launcher launcher) {
    this.host = host;
    this.cgroups = cgroups;
    this.launcher = launcher;
    this.obstacle =
        Suppliers.memoize(
            () -> host.rootful() ? Optional.empty() : HostTrials.namespaces(launcher, host));
  }

  HostFacts host() {
    return host;
  }

  /** Refuses what cannot be done here. */
  private void check(RunRequest request) {
    ProgramText.check(request.config().process());
    checkCapabilities(request.config().process());
    UserMaps.check(request.config(), request.config().process().user());
    Resources unused = enforceable(request.config().linux().resources());
    requireCgroup(request.config().linux());
    request.config().linux().cgroupsPath().ifPresent(cgroups::checkPath);
    if (!host.rootful()) {
      possible();
      unprivileged(request);
    }
    Propagating.check(request.config(), host);
    MountOwners.check(request.config(), host, launcher);
    filter(request.seccomp(), request.config().process());
  }

  /**
   * Orphans in the pid namespace of another container become children of that one's first process:
   * nothing but a cgroup tells then whose they are.
   */
  private void requireCgroup(RuntimeConfig.Linux linux) {
    if (linux.joins(NamespaceType.PID) && !host.cgroups()) {
      throw new UnsupportedException(
          "sharing the processes of another container",
          "without a cgroup, processes that the container leaves behind there could not be ended",
          cgroups
              .obstacle()
              .map(CgroupTree.Lack::fix)
              .orElse("let the JVM have a cgroup in which it may make others"));
    }
  }

  /**
   * The limits as far as this host counts what they limit.
   *
   * @throws UnsupportedException if one cannot be enforced
   */
  Resources enforceable(Resources limits) {
    limits.unified().keySet().forEach(this::checkResource);
    Resources weighed = DiskWeights.heeded(limits, cgroups);
    return cgroups.lacks(SwapLimit.SWAP, SwapLimit.MEMORY) ? SwapLimit.leftOut(weighed) : weighed;
  }

  private void checkResource(String file) {
    String controller = file.substring(0, file.indexOf('.'));
    cgroups.require(controller, "the limit " + file);
    if (controller.equals("hugetlb") && cgroups.lacks(file, "cgroup.procs")) {
      throw new UnsupportedException(
          "the limit " + file,
          "this kernel has huge pages of other sizes: " + cgroups.hugePageSizes(),
          "choose one of them");
    }
  }

  private void checkCapabilities(RuntimeProcess process) {
    if (host.rootful()) {
      Set<String> missing = new TreeSet<>(process.capabilities().permitted());
      missing.removeAll(host.capabilities());
      if (!missing.isEmpty()) {
        throw new UnsupportedException(
            "capability " + String.join(", ", missing),
            "this process does not have it itself",
            "start the JVM with it, or leave it out");
      }
    }
  }

  private void possible() {
    obstacle
        .get()
        .ifPresent(
            refusal -> {
              throw new UnsupportedException(
                  "a container of an ordinary user",
                  refusal.message(),
                  HostProbe.fix(refusal, host));
            });
  }

  private static void unprivileged(RunRequest request) {
    onlyUser(request.config().process().user());
    request.config().mounts().forEach(Compiler::onlyUser);
    requireOwn(request, NamespaceType.NETWORK, "network", "/sys");
    requireOwn(request, NamespaceType.PID, "pid namespace", "/proc");
    requireOwn(request, NamespaceType.CGROUP, "cgroup namespace", "/sys/fs/cgroup");
    if (request.config().linux().has(NamespaceType.USER)) {
      throw new UnsupportedException(
          "a user map",
          "an ordinary user has one id to give",
          "leave it out: the container is in a user namespace anyway");
    }
  }

  private static void requireOwn(
      RunRequest request, NamespaceType type, String what, String shownBy) {
    if (!request.config().linux().has(type)) {
      throw new UnsupportedException(
          "the host's " + what,
          "an ordinary user cannot mount " + shownBy + " for it",
          "leave the container its own, or run the JVM as root");
    }
  }

  private static void onlyUser(RuntimeProcess.User user) {
    if (user.uid() != 0 || user.gid() != 0 || !user.additionalGids().isEmpty()) {
      throw new UnsupportedException(
          "user " + user.uid() + ":" + user.gid(),
          "an ordinary user has one id to give, which is root in the container",
          "run the program as root, which here is this user, or the JVM as root");
    }
  }

  private static void onlyUser(RuntimeConfig.Mount mount) {
    for (String option : mount.options()) {
      if (option.matches("[ug]id=0*[1-9].*") && !mount.type().equals("devpts")) {
        throw new UnsupportedException(
            "the mount option " + option + " of " + mount.destination(),
            "an ordinary user has one id to give, which is 0 in the container",
            "leave it out, or run the JVM as root");
      }
    }
  }

  /** Refuses also what the launcher would refuse for its size. */
  LaunchPlan container(RunRequest request) {
    return limited("the container", () -> compile(request, false));
  }

  /** The same, of a container that is set up and executes nothing. */
  LaunchPlan held(RunRequest request) {
    return limited("the container", () -> compile(request, true));
  }

  private static LaunchPlan limited(String what, Supplier<LaunchPlan> plan) {
    try {
      return plan.get();
    } catch (PlanTooLargeException e) {
      throw new InvalidSpecException(what + " cannot be set up: " + e.getMessage(), e);
    }
  }

  private LaunchPlan compile(RunRequest request, boolean held) {
    check(request);
    RuntimeConfig config =
        request
            .config()
            .withResources(enforceable(request.config().linux().resources()))
            .withProcess(AppArmor.had(request.config().process()));
    boolean cgroup = host.cgroups();
    SupervisorPolicy.Builder policy =
        policy(request).set(Flag.CGROUP, cgroup).set(Flag.SUPERVISOR_CGROUP, cgroup);
    return ContainerPlan.compile(
        new PlanRequest(
            config,
            request.root(),
            request.place().logs(),
            cgroup ? Optional.of(request.place().id()) : Optional.empty(),
            filter(request.seccomp(), request.config().process()),
            request.init(),
            held,
            request.events().map(EventTarget::text),
            policy),
        host);
  }

  private SupervisorPolicy.Builder policy(RunRequest request) {
    var lifecycle = request.lifecycle();
    SupervisorPolicy.Builder policy =
        SupervisorPolicy.builder()
            .set(Flag.BOUND, request.lifetime() == Lifetime.BOUND)
            .set(Flag.DURABLE, request.durable())
            .set(Flag.OUTER_PID, owns(request, NamespaceType.PID))
            .set(Flag.LISTEN, true)
            .set(Flag.STDIN, request.stdin().isPresent())
            .set(Flag.ATTACHED, request.attached())
            .set(Flag.EVENTS, request.events().isPresent())
            .set(Flag.OPEN_STDIN, request.stdinOpen() && request.stdin().isEmpty())
            .set(
                Flag.STDIN_ONCE,
                request.stdinOpen() && request.stdinOnce() && request.stdin().isEmpty())
            .restart(restart(lifecycle.restart().kind()), lifecycle.restart().maximum())
            .stop(request.stopSignal().number(), lifecycle.stopTimeout())
            .wallClock(lifecycle.timeout().orElse(Duration.ZERO))
            .log(lifecycle.log().bytesPerFile().count(), lifecycle.log().files());
    joined(policy, request.config().linux());
    request
        .capture()
        .ifPresent(
            capture ->
                policy
                    .set(Flag.CAPPED, true)
                    .set(Flag.KILL_ON_CAP, capture.endWhenFull())
                    .log(capture.bytes(), 1));
    return policy;
  }

  /** Whether it has one of its own. */
  private static boolean owns(RunRequest request, NamespaceType type) {
    return request.config().linux().has(type) && !request.config().linux().joins(type);
  }

  /** Which descriptors of other containers it is given. */
  private void joined(SupervisorPolicy.Builder policy, RuntimeConfig.Linux linux) {
    policy
        .set(Flag.JOINED_USER, linux.joins() && (!host.rootful() || linux.has(NamespaceType.USER)))
        .set(Flag.JOINED_NETWORK, linux.joins(NamespaceType.NETWORK))
        .set(Flag.JOINED_PID, linux.joins(NamespaceType.PID))
        .set(Flag.JOINED_IPC, linux.joins(NamespaceType.IPC))
        .set(Flag.JOINED_UTS, linux.joins(NamespaceType.UTS));
  }

  static SupervisorPolicy.Restart restart(RestartPolicy.Kind kind) {
    return switch (kind) {
      case NO -> SupervisorPolicy.Restart.NO;
      case ON_FAILURE -> SupervisorPolicy.Restart.ON_FAILURE;
      case ALWAYS -> SupervisorPolicy.Restart.ALWAYS;
      case UNLESS_STOPPED -> SupervisorPolicy.Restart.UNLESS_STOPPED;
    };
  }

  LaunchPlan exec(RunRequest container, RuntimeProcess process, Optional<String> seccomp) {
    ProgramText.check(process);
    checkCapabilities(process);
    UserMaps.check(container.config(), process.user());
    if (!host.rootful()) {
      onlyUser(process.user());
    }
    return limited(
        "the exec",
        () ->
            ExecPlan.compile(
                container.config(),
                AppArmor.had(process),
                host.cgroups(),
                filter(seccomp, process),
                host));
  }

  private Optional<FilterProgram> filter(Optional<String> seccomp, RuntimeProcess process) {
    return seccomp.map(text -> compile(text, process.capabilities().bounding()));
  }

  private FilterProgram compile(String text, Set<String> capabilities) {
    KernelVersion kernel = KernelVersion.current();
    if (text.equals(DefaultSeccompProfile.json())) {
      return new FilterProgram(
          DefaultSeccompProfile.bytes(capabilities, Kernel.architecture(), kernel), 0, true);
    }
    try {
      SeccompFilter filter =
          SeccompCompiler.compile(
              SeccompProfile.parse(text), capabilities, Kernel.architecture(), kernel);
      return new FilterProgram(filter.bytes(), filter.flags(), false);
    } catch (InvalidSpecException e) {
      throw new InvalidSpecException("the seccomp profile cannot be used: " + e.getMessage(), e);
    }
  }
}
