package dev.pinnace.internal.isolation.linux.plan;

import static dev.pinnace.linux.plan.Constants.*;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.pinnace.linux.Errno;
import dev.pinnace.linux.plan.LaunchPlan;
import dev.pinnace.linux.plan.Operand;
import dev.pinnace.linux.plan.Register;
import dev.pinnace.linux.plan.Section;
import dev.pinnace.linux.plan.StepBuilder;
import dev.pinnace.oci.RuntimeConfig;
import dev.pinnace.oci.RuntimeConfig.NamespaceType;
import java.util.List;

/** The plan of a container: its order, with the details in the classes beside this one. */
public final class ContainerPlan {
  /** How long the last step waits until the container's state is safe on disk. */
  private static final int GATE_MILLIS = 30_000;

  /** The tag by which a container that is held says that it is set up. */
  public static final int HELD = Integer.MAX_VALUE;

  private final PlanRequest request;
  private final RuntimeConfig config;
  private final HostFacts host;
  private final LaunchPlan.Builder plan = LaunchPlan.builder();

  private ContainerPlan(PlanRequest request, HostFacts host) {
    this.request = request;
    this.config = request.config();
    this.host = host;
  }

  /** Compiles {@code request} for {@code host}. */
  public static LaunchPlan compile(PlanRequest request, HostFacts host) {
    return new ContainerPlan(request, host).compile();
  }

  private LaunchPlan compile() {
    NamespaceSteps namespaces = new NamespaceSteps(plan, config, host);
    plan.setUpIn(namespaces.quiet() ? Section.STAGE : Section.CHILD);
    namespaces.enter();
    namespaces.prepare();
    MountSteps mounts = new MountSteps(plan, config, host);
    mounts.prepare();
    request
        .cgroup()
        .ifPresent(
            name ->
                new CgroupSteps(plan).before(name, config.linux().resources(), host.deviceRules()));
    RootSteps root = new RootSteps(plan, request, host);
    root.before();
    new InheritedSteps(plan, config.process(), host).all(config.linux().has(NamespaceType.USER));
    namespaces.borrow(mounts.proc());
    root.stage(mounts::openPropagating);
    mounts.stage();
    namespaces.stage();
    child(namespaces, root, mounts);
    request.cgroup().ifPresent(name -> request.policy().cgroupName(plan.offsetOf(name)));
    request.eventText().ifPresent(text -> request.policy().events(plan.offsetOf(text), text));
    return plan.policy(request.policy().build()).build();
  }

  private void child(NamespaceSteps namespaces, RootSteps root, MountSteps mounts) {
    isolate();
    namespaces.becomeRoot(plan.setup());
    namespaces.loopbackOfEachRun();
    Register rootDirectory = root.mountAndOpen(mounts::openPropagating);
    mounts.all(rootDirectory);
    root.pivot(rootDirectory);
    names();
    ProtectionSteps protection =
        new ProtectionSteps(plan, config, host, rootDirectory, mounts.proc(), mounts.nullDevice());
    protection.sysctls();
    protection.mask();
    ProcessSteps process = processSteps(plan.setupSection(), rootDirectory, namespaces);
    process.makeWorkingDirectory();
    protection.readOnlyRoot();
    boolean terminal = config.process().terminal();
    if (terminal) {
      new TerminalSteps(plan, plan.setupSection(), config.process()).standardStreams();
    } else {
      process.standardStreams();
    }
    if (terminal && !request.init() && !namespaces.quiet()) {
      TerminalSteps.control(plan.in(Section.CHILD));
    }
    process.enterWorkingDirectory();
    process.closeDescriptors();
    process.limits();
    if (request.held()) {
      step("say that the container is set up").sync(HELD);
      step("wait for its end").awaitForever(Register.GATE);
    } else {
      step("wait for the container's state to be written").await(Register.GATE, GATE_MILLIS);
    }
    process.identity();
    ProcessSteps child = process;
    if (namespaces.quiet()) {
      child = processSteps(Section.CHILD, rootDirectory, namespaces);
      beQuietlyBorn(process, child);
    } else {
      endWithSupervisor(namespaces, child);
      child.capabilities(request.seccomp());
    }
    if (request.init()) {
      inChild("split off process 1").init();
      if (namespaces.supervisorOutside()) {
        child.endWithParent("the init process");
      }
      if (terminal) {
        inChild("begin the program's session").call("setsid");
        TerminalSteps.control(plan.in(Section.CHILD));
      }
    }
    child.exec();
  }

  private ProcessSteps processSteps(Section section, Register root, NamespaceSteps namespaces) {
    return new ProcessSteps(
        plan, section, config.process(), host, root, namespaces.setgroupsDenied());
  }

  private static void endWithSupervisor(NamespaceSteps namespaces, ProcessSteps process) {
    if (namespaces.supervisorOutside()) {
      process.endWithParent("the supervisor");
    }
  }

  /**
   * Where others are who might trace it, the first process has no more rights than its program. In
   * a user namespace nobody there can trace a process whose memory is the host's, so that it may
   * load its filter last, as everywhere else.
   */
  private void beQuietlyBorn(ProcessSteps stage, ProcessSteps child) {
    boolean traceable = host.rootful() && !config.linux().has(NamespaceType.USER);
    undumpable();
    if (traceable) {
      stage.capabilities(request.seccomp());
    }
    step("clone the process").cloneChild();
    inChild("begin a session").call("setsid");
    if (config.process().terminal() && !request.init()) {
      TerminalSteps.control(plan.in(Section.CHILD));
    }
    child.endWithParent("the supervisor");
    if (!traceable) {
      child.capabilities(request.seccomp());
    }
  }

  private StepBuilder inChild(String sentence) {
    return plan.in(Section.CHILD).to(sentence);
  }

  private void isolate() {
    undumpable();
    step("begin a session").call("setsid");
    step("begin a session keyring")
        .tolerating(Errno.ENOSYS, Errno.EPERM, Errno.EDQUOT)
        .call("keyctl", Operand.flags(KEYCTL_JOIN_SESSION_KEYRING), Operand.none());
    step("clear the file mode mask").call("umask", Operand.mode(0));
  }

  private void undumpable() {
    step("forbid other processes to trace this one")
        .call(
            "prctl",
            Operand.flags(PR_SET_DUMPABLE),
            Operand.of(0),
            Operand.of(0),
            Operand.of(0),
            Operand.of(0));
  }

  private void names() {
    if (!config.linux().has(NamespaceType.UTS) || config.linux().joins(NamespaceType.UTS)) {
      return;
    }
    if (!config.hostname().isEmpty()) {
      step("set the host name " + config.hostname())
          .call(
              "sethostname",
              plan.text(config.hostname()),
              Operand.of(config.hostname().getBytes(UTF_8).length));
    }
    if (!config.domainname().isEmpty()) {
      step("set the domain name " + config.domainname())
          .call(
              "setdomainname",
              plan.text(config.domainname()),
              Operand.of(config.domainname().getBytes(UTF_8).length));
    }
  }

  private StepBuilder step(String sentence) {
    return plan.setup().to(sentence);
  }

  /** The directories of PATH; none where it is empty, which is not the working directory. */
  static List<String> environmentPath(List<String> env) {
    return env.stream()
        .filter(e -> e.startsWith("PATH="))
        .reduce((first, last) -> last)
        .map(e -> e.substring(5))
        .map(path -> path.isEmpty() ? List.<String>of() : List.of(path.split(":", -1)))
        .orElse(
            List.of("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"));
  }
}
