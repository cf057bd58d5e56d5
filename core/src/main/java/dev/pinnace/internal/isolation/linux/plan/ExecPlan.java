package dev.pinnace.internal.isolation.linux.plan;

import static dev.pinnace.linux.plan.Constants.*;

import dev.pinnace.linux.Errno;
import dev.pinnace.linux.plan.LaunchPlan;
import dev.pinnace.linux.plan.Named;
import dev.pinnace.linux.plan.Operand;
import dev.pinnace.linux.plan.Register;
import dev.pinnace.linux.plan.Section;
import dev.pinnace.oci.RuntimeConfig;
import dev.pinnace.oci.RuntimeConfig.NamespaceType;
import dev.pinnace.oci.RuntimeProcess;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The plan of a further process in a running container: joins its namespaces through the pidfd of
 * its first process.
 *
 * <p>Nearly everything happens in STAGE, which the container's processes cannot see: a pid
 * namespace takes in children only. Those with CAP_SYS_PTRACE could otherwise take over the new
 * process while it still has more rights than they (CVE-2016-9962); that it is not dumpable stops
 * only the others (ptrace(2), access mode checking).
 */
public final class ExecPlan {
  /** The step that fails in a paused container, where nothing could be cloned into. */
  public static final String NOT_PAUSED = "check that the container is not paused";

  private final RuntimeConfig config;
  private final RuntimeProcess process;
  private final Optional<FilterProgram> seccomp;
  private final HostFacts host;
  private final LaunchPlan.Builder plan = LaunchPlan.builder();
  private final LaunchPlan.Steps stage = plan.in(Section.STAGE);

  private ExecPlan(
      RuntimeConfig config,
      RuntimeProcess process,
      Optional<FilterProgram> seccomp,
      HostFacts host) {
    this.config = config;
    this.process = process;
    this.seccomp = seccomp;
    this.host = host;
  }

  /**
   * Compiles the plan.
   *
   * @param config of the running container
   * @param process what to run in it
   * @param cgroup whether the container has a cgroup, which must not be frozen
   */
  public static LaunchPlan compile(
      RuntimeConfig config,
      RuntimeProcess process,
      boolean cgroup,
      Optional<FilterProgram> seccomp,
      HostFacts host) {
    ExecPlan exec = new ExecPlan(config, process, seccomp, host);
    if (cgroup) {
      exec.checkNotFrozen();
    }
    exec.steps();
    return exec.plan.build();
  }

  private void steps() {
    NamespaceSteps namespaces = new NamespaceSteps(plan, config, host);
    Register root = plan.register("root");
    ProcessSteps inside = processSteps(Section.STAGE, root, namespaces);
    ProcessSteps child = processSteps(Section.CHILD, root, namespaces);
    new InheritedSteps(plan, process, host).all(has(NamespaceType.USER));
    namespaces.dropGroups(stage);
    join();
    stage
        .to("begin a session keyring")
        .tolerating(Errno.ENOSYS, Errno.EPERM, Errno.EDQUOT)
        .call("keyctl", Operand.flags(KEYCTL_JOIN_SESSION_KEYRING), Operand.none());
    namespaces.becomeRoot(stage);
    openRoot(root);
    if (process.terminal()) {
      TerminalSteps terminal = new TerminalSteps(plan, Section.STAGE, process);
      terminal.openBelow(root);
      terminal.standardStreams();
    } else {
      inside.standardStreams();
    }
    inside.openWorkingDirectory();
    inside.enterWorkingDirectory();
    inside.closeDescriptors();
    inside.limits();
    inside.identity();
    stage
        .to("forbid other processes to trace this one")
        .call(
            "prctl",
            Operand.flags(PR_SET_DUMPABLE),
            Operand.of(0),
            Operand.of(0),
            Operand.of(0),
            Operand.of(0));
    if (visibleToTracers()) {
      inside.capabilities(seccomp);
    }
    stage.to("clone the process").cloneChild();
    plan.in(Section.CHILD).to("begin a session").call("setsid");
    if (process.terminal()) {
      TerminalSteps.control(plan.in(Section.CHILD));
    }
    if (namespaces.supervisorOutside()) {
      child.endWithParent("the supervisor");
    }
    if (!visibleToTracers()) {
      child.capabilities(seccomp);
    }
    child.exec();
  }

  private ProcessSteps processSteps(Section section, Register root, NamespaceSteps namespaces) {
    return new ProcessSteps(plan, section, process, host, root, namespaces.setgroupsDenied());
  }

  /**
   * Whether a process that is seen there may be traced although it is not dumpable: it then must
   * not have the right to load a filter either. With CAP_SYS_PTRACE the container's own processes
   * can, and so can those of others that share its pid namespace, of which it need not know.
   * Elsewhere the filter is loaded last, unless it is known to permit clone(2) and setsid(2), so
   * that it need not. In a user namespace nobody has that power over a process whose memory is the
   * host's.
   */
  private boolean visibleToTracers() {
    return host.rootful()
        && !has(NamespaceType.USER)
        && (config.process().capabilities().bounding().contains("CAP_SYS_PTRACE")
            || config.linux().joins(NamespaceType.PID)
            || seccomp.map(FilterProgram::letsProcessesBegin).orElse(true));
  }

  private boolean has(NamespaceType type) {
    return config.linux().has(type);
  }

  private void join() {
    List<Named> joined = new ArrayList<>(List.of(CLONE_NEWNS));
    join(joined, NamespaceType.USER, CLONE_NEWUSER);
    join(joined, NamespaceType.PID, CLONE_NEWPID);
    join(joined, NamespaceType.NETWORK, CLONE_NEWNET);
    join(joined, NamespaceType.UTS, CLONE_NEWUTS);
    join(joined, NamespaceType.IPC, CLONE_NEWIPC);
    join(joined, NamespaceType.CGROUP, CLONE_NEWCGROUP);
    join(joined, NamespaceType.TIME, CLONE_NEWTIME);
    stage
        .to("join the container's namespaces")
        .call("setns", Register.INIT, Operand.flags(joined.toArray(Named[]::new)));
    stage.to("close the handle of the container's first process").call("close", Register.INIT);
  }

  private void join(List<Named> joined, NamespaceType type, Named flag) {
    if (has(type)) {
      joined.add(flag);
    }
  }

  /**
   * A process cloned into a frozen cgroup would never run: "populated 1\nfrozen 0" is what the
   * kernel must say.
   */
  private void checkNotFrozen() {
    LaunchPlan.Steps before = plan.in(Section.BEFORE);
    Register events = plan.register("events");
    Operand.Scratch text = plan.scratch(new byte[64], "events");
    byte[] wanted = "frozen 0".getBytes(StandardCharsets.US_ASCII);
    byte[] mask = new byte[wanted.length];
    Arrays.fill(mask, (byte) 0xFF);
    before
        .to("open the cgroup's events")
        .into(events)
        .call(
            "openat",
            Register.CGROUP,
            plan.text("cgroup.events"),
            Operand.flags(O_RDONLY, O_CLOEXEC),
            Operand.of(0));
    before.to("read the cgroup's events").call("read", events, text, Operand.of(text.extent()));
    before.to(NOT_PAUSED).check(text.at(12, wanted.length), mask, wanted, Errno.EBUSY);
  }

  private void openRoot(Register root) {
    stage
        .to("open the container's root")
        .into(root)
        .call(
            "openat",
            Operand.flags(AT_FDCWD),
            plan.text("/"),
            Operand.flags(O_PATH, O_DIRECTORY, O_CLOEXEC),
            Operand.of(0));
  }
}
