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
import java.util.List;
import java.util.Optional;

/**
 * The plan of a further process in a running container: joins its namespaces through the pidfd of
 * its first process.
 */
public final class ExecPlan {
  /** The step that fails in a paused container, where nothing could be cloned into. */
  public static final String NOT_PAUSED = "check that the container is not paused";

  private static final String CLOSE_INIT = "close the handle of the container's first process";

  private ExecPlan() {}

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
      Optional<byte[]> seccomp,
      HostFacts host) {
    LaunchPlan.Builder plan = LaunchPlan.builder();
    if (cgroup) {
      checkNotFrozen(plan);
    }
    LaunchPlan.Steps stage = plan.in(Section.STAGE);
    new NamespaceSteps(plan, config, host).dropGroups(stage);
    Register group = cgroup && host.rootful() ? harmlessCgroup(plan, stage) : Register.CGROUP;
    List<Named> joined = new ArrayList<>(List.of(CLONE_NEWNS));
    join(config, joined, NamespaceType.USER, CLONE_NEWUSER);
    join(config, joined, NamespaceType.PID, CLONE_NEWPID);
    join(config, joined, NamespaceType.NETWORK, CLONE_NEWNET);
    join(config, joined, NamespaceType.UTS, CLONE_NEWUTS);
    join(config, joined, NamespaceType.IPC, CLONE_NEWIPC);
    join(config, joined, NamespaceType.TIME, CLONE_NEWTIME);
    stage
        .to("join the container's namespaces")
        .call("setns", Register.INIT, Operand.flags(joined.toArray(Named[]::new)));
    if (!config.linux().has(NamespaceType.CGROUP)) {
      stage.to(CLOSE_INIT).call("close", Register.INIT);
    }
    stage.to("clone the process").cloneChild(Operand.of(0), group);
    child(plan, config, process, seccomp, host);
    return plan.build();
  }

  /**
   * For an instant the new process holds what it was cloned into, and a container with
   * CAP_SYS_PTRACE can take it from there: so that is not the host's directory, but a read-only
   * mount with nothing above it.
   */
  private static Register harmlessCgroup(LaunchPlan.Builder plan, LaunchPlan.Steps stage) {
    Register copy = plan.register("cgroupcopy");
    stage
        .to("copy the mount of the container's cgroup")
        .into(copy)
        .call(
            "open_tree",
            Register.CGROUP,
            plan.text(""),
            Operand.flags(OPEN_TREE_CLONE, OPEN_TREE_CLOEXEC, AT_EMPTY_PATH));
    stage
        .to("make the copy read-only")
        .call(
            "mount_setattr",
            copy,
            plan.text(""),
            Operand.flags(AT_EMPTY_PATH),
            MountAttributes.setting(plan, MOUNT_ATTR_RDONLY),
            Operand.of(MountAttributes.SIZE));
    stage.to("close the host's cgroup directory").call("close", Register.CGROUP);
    return copy;
  }

  private static void join(
      RuntimeConfig config, List<Named> joined, NamespaceType type, Named flag) {
    if (config.linux().has(type)) {
      joined.add(flag);
    }
  }

  /**
   * A process cloned into a frozen cgroup would never run: "populated 1\nfrozen 0" is what the
   * kernel must say.
   */
  private static void checkNotFrozen(LaunchPlan.Builder plan) {
    LaunchPlan.Steps before = plan.in(Section.BEFORE);
    Register events = plan.register("events");
    Operand.Scratch text = plan.scratch(new byte[64], "events");
    byte[] wanted = "frozen 0".getBytes(StandardCharsets.US_ASCII);
    byte[] mask = new byte[wanted.length];
    java.util.Arrays.fill(mask, (byte) 0xFF);
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

  private static void child(
      LaunchPlan.Builder plan,
      RuntimeConfig config,
      RuntimeProcess process,
      Optional<byte[]> seccomp,
      HostFacts host) {
    LaunchPlan.Steps child = plan.in(Section.CHILD);
    child
        .to("forbid other processes to trace this one")
        .call(
            "prctl",
            Operand.flags(PR_SET_DUMPABLE),
            Operand.of(0),
            Operand.of(0),
            Operand.of(0),
            Operand.of(0));
    if (config.linux().has(NamespaceType.CGROUP)) {
      // Not before the clone: where cgroup2 is mounted with nsdelegate, nobody inside of a cgroup
      // namespace can be moved there from outside of it (ENOENT).
      child
          .to("join the container's cgroup namespace")
          .call("setns", Register.INIT, Operand.flags(CLONE_NEWCGROUP));
      child.to(CLOSE_INIT).call("close", Register.INIT);
    }
    child.to("begin a session").call("setsid");
    child
        .to("begin a session keyring")
        .tolerating(Errno.ENOSYS, Errno.EPERM, Errno.EDQUOT)
        .call("keyctl", Operand.flags(KEYCTL_JOIN_SESSION_KEYRING), Operand.none());
    if (config.linux().has(NamespaceType.USER)) {
      child
          .to("become group 0 of the user namespace")
          .call("setresgid", Operand.of(0), Operand.of(0), Operand.of(0));
      child
          .to("become user 0 of the user namespace")
          .call("setresuid", Operand.of(0), Operand.of(0), Operand.of(0));
    }
    Register root = plan.register("root");
    Register proc = plan.register("proc");
    child
        .to("open the container's root")
        .into(root)
        .call(
            "openat",
            Operand.flags(AT_FDCWD),
            plan.text("/"),
            Operand.flags(O_PATH, O_DIRECTORY, O_CLOEXEC),
            Operand.of(0));
    if (process.oomScoreAdj().isPresent()) {
      child
          .to("open the container's /proc")
          .into(proc)
          .call(
              "openat",
              root,
              plan.text("proc"),
              Operand.flags(O_PATH, O_DIRECTORY, O_NOFOLLOW, O_CLOEXEC),
              Operand.of(0));
    }
    ProcessSteps steps =
        new ProcessSteps(
            plan,
            process,
            host,
            root,
            proc,
            new NamespaceSteps(plan, config, host).setgroupsDenied());
    steps.standardStreams();
    steps.workingDirectory();
    steps.closeDescriptors();
    steps.limits();
    steps.credentials(seccomp, !config.linux().has(NamespaceType.PID));
    steps.exec();
  }
}
