package dev.pinnace.internal.isolation.linux.plan;

import static dev.pinnace.linux.plan.Constants.*;

import dev.pinnace.linux.plan.LaunchPlan;
import dev.pinnace.linux.plan.Named;
import dev.pinnace.linux.plan.Operand;
import dev.pinnace.linux.plan.Register;
import dev.pinnace.linux.plan.Section;
import dev.pinnace.oci.RuntimeConfig;
import dev.pinnace.oci.RuntimeConfig.IdMapping;
import dev.pinnace.oci.RuntimeConfig.NamespaceType;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Namespaces. User, network and time namespaces are made once and live as long as the container;
 * the others are made anew at each run: by the clone of the container's first process, or before it
 * where that is born into the pid namespace of another container.
 */
final class NamespaceSteps {
  /** struct ifreq of netdevice(7): the name in 16 bytes, then a union of 24. */
  private static final int IFREQ = 40;

  private static final int IFF_UP = 1;

  private final LaunchPlan.Builder plan;
  private final RuntimeConfig config;
  private final HostFacts host;
  private final JoinedNamespaces joined;

  NamespaceSteps(LaunchPlan.Builder plan, RuntimeConfig config, HostFacts host) {
    this.plan = plan;
    this.config = config;
    this.host = host;
    this.joined = new JoinedNamespaces(plan, config, host);
  }

  private boolean joins(NamespaceType type) {
    return config.linux().joins(type);
  }

  /** Whether the container has one that is neither the host's nor another container's. */
  private boolean owns(NamespaceType type) {
    return has(type) && !joins(type);
  }

  /**
   * Whether the container is set up before its first process is there. Others in its pid namespace
   * may have CAP_SYS_PTRACE, and could take over one that still has the engine's rights, as in an
   * exec.
   */
  boolean quiet() {
    return joins(NamespaceType.PID);
  }

  private boolean has(NamespaceType type) {
    return config.linux().has(type);
  }

  /**
   * Whether no pid namespace of the supervisor's own encloses the container, so that its death must
   * be noticed otherwise.
   */
  boolean supervisorOutside() {
    return !owns(NamespaceType.PID);
  }

  /**
   * An unprivileged engine first makes the user namespace in which its supervisor may do everything
   * else.
   */
  void enter() {
    if (host.rootful()) {
      return;
    }
    if (config.linux().joins()) {
      joined.enter();
    } else {
      OwnUserNamespace.enter(plan, host.uid(), host.gid());
    }
  }

  /** User, network and time namespaces. */
  void prepare() {
    boolean ownNetwork = owns(NamespaceType.NETWORK) && !joins(NamespaceType.USER);
    LaunchPlan.Steps prepare = plan.in(Section.PREPARE);
    if (owns(NamespaceType.USER)) {
      prepare
          .to("make the container's user namespace")
          .into(Register.USERNS)
          .userNamespace(
              map(config.linux().uidMappings()),
              map(config.linux().gidMappings()),
              setgroupsDenied(),
              ownNetwork ? Register.NETNS : null);
    } else if (ownNetwork) {
      inNewNamespace(prepare, "net", CLONE_NEWNET, Register.NETNS, () -> loopback(prepare));
    }
    if (has(NamespaceType.TIME)) {
      timeNamespace(prepare);
    }
  }

  private void timeNamespace(LaunchPlan.Steps prepare) {
    Register proc = plan.register("timeproc");
    prepare.to("make a time namespace").call("unshare", Operand.flags(CLONE_NEWTIME));
    prepare
        .to("open the host's /proc")
        .into(proc)
        .call(
            "openat",
            Operand.flags(AT_FDCWD),
            plan.text("/proc"),
            Operand.flags(O_PATH, O_DIRECTORY, O_CLOEXEC),
            Operand.of(0));
    String offsets =
        config.linux().timeOffsets().entrySet().stream()
            .sorted(java.util.Map.Entry.comparingByKey())
            .map(e -> e.getKey() + " " + e.getValue() + " 0\n")
            .collect(Collectors.joining());
    if (!offsets.isEmpty()) {
      prepare
          .to("set the clocks' offsets")
          .writeAll(proc, "self/timens_offsets", data(offsets), PROC_SUPER_MAGIC);
    }
    prepare
        .to("keep the time namespace")
        .into(Register.TIMENS)
        .call(
            "openat",
            Operand.flags(AT_FDCWD),
            plan.text("/proc/self/ns/time_for_children"),
            Operand.flags(O_RDONLY, O_CLOEXEC),
            Operand.of(0));
    if (!host.rootful()) {
      return;
    }
    Register home = plan.register("hosttime");
    prepare
        .to("find the host's time namespace")
        .into(home)
        .call(
            "openat",
            Operand.flags(AT_FDCWD),
            plan.text("/proc/self/ns/time"),
            Operand.flags(O_RDONLY, O_CLOEXEC),
            Operand.of(0));
    prepare
        .to("go back to the host's time namespace")
        .call("setns", home, Operand.flags(CLONE_NEWTIME));
  }

  /**
   * The supervisor of an ordinary user may leave the host's namespace, but not enter it again
   * (setns(2): EPERM): it stays with its container, whose namespace of that type it needs alone.
   */
  private void inNewNamespace(
      LaunchPlan.Steps steps, String name, Named flag, Register keep, Runnable inside) {
    Operand path = plan.text("/proc/self/ns/" + name);
    Register home = plan.register("host" + name);
    if (host.rootful()) {
      steps
          .to("remember the host's " + name + " namespace")
          .into(home)
          .call(
              "openat",
              Operand.flags(AT_FDCWD),
              path,
              Operand.flags(O_RDONLY, O_CLOEXEC),
              Operand.of(0));
    }
    steps.to("make a " + name + " namespace").call("unshare", Operand.flags(flag));
    inside.run();
    steps
        .to("keep the " + name + " namespace")
        .into(keep)
        .call(
            "openat",
            Operand.flags(AT_FDCWD),
            path,
            Operand.flags(O_RDONLY, O_CLOEXEC),
            Operand.of(0));
    if (host.rootful()) {
      steps
          .to("go back to the host's " + name + " namespace")
          .call("setns", home, Operand.flags(flag));
    }
  }

  private void loopback(LaunchPlan.Steps steps) {
    Register socket = plan.register("socket");
    byte[] request = new byte[IFREQ];
    request[0] = 'l';
    request[1] = 'o';
    request[16] = IFF_UP;
    steps
        .to("open a socket in the container's network")
        .into(socket)
        .call(
            "socket",
            Operand.flags(AF_INET),
            Operand.flags(SOCK_DGRAM, SOCK_CLOEXEC),
            Operand.of(0));
    steps
        .to("bring the loopback interface up")
        .call("ioctl", socket, Operand.flags(SIOCSIFFLAGS), plan.bytes(request, "{lo, IFF_UP}"));
    steps.to("close the socket").call("close", socket);
  }

  /**
   * What comes from the mount namespaces of other containers.
   *
   * @param proc where a /proc of theirs goes
   */
  void borrow(Register proc) {
    joined.borrow(proc);
  }

  /** Joins what is kept and makes the rest, by the clone of the first process if that is all. */
  void stage() {
    LaunchPlan.Steps stage = plan.in(Section.STAGE);
    dropGroups(stage);
    joined.join();
    // The host's, like the clocks: in the container's user namespace it could not be joined.
    if (has(NamespaceType.TIME)) {
      stage
          .to("join the container's time namespace")
          .call("setns", Register.TIMENS, Operand.flags(CLONE_NEWTIME));
    }
    if (has(NamespaceType.USER)) {
      stage
          .to("join the container's user namespace")
          .call("setns", Register.USERNS, Operand.flags(CLONE_NEWUSER));
      if (joins(NamespaceType.NETWORK)) {
        joinNetwork(stage);
      } else if (owns(NamespaceType.NETWORK) && !joins(NamespaceType.USER)) {
        joinNetwork(stage);
        loopback(stage);
      }
    } else if (has(NamespaceType.NETWORK)) {
      joinNetwork(stage);
    }
    List<Named> flags = new ArrayList<>(List.of(CLONE_NEWNS));
    add(flags, NamespaceType.PID, CLONE_NEWPID);
    add(flags, NamespaceType.UTS, CLONE_NEWUTS);
    add(flags, NamespaceType.IPC, CLONE_NEWIPC);
    add(flags, NamespaceType.CGROUP, CLONE_NEWCGROUP);
    if (ownNetworkInJoinedUsers()) {
      flags.add(CLONE_NEWNET);
    }
    if (quiet()) {
      stage
          .to("make the container's other namespaces")
          .call("unshare", Operand.flags(flags.toArray(Named[]::new)));
      return;
    }
    stage
        .to("clone the container's first process")
        .cloneChild(Operand.flags(flags.toArray(Named[]::new)), Register.CGROUP);
  }

  /**
   * Whether the container's processes may not set their groups: a group that denies access would
   * otherwise be dropped by a user who has no other id (CVE-2014-8989).
   */
  boolean setgroupsDenied() {
    return !host.rootful()
        || (has(NamespaceType.USER)
            && config.linux().gidMappings().stream().allMatch(m -> m.size() == 1));
  }

  /** The engine's own groups go before the user namespace, where they might have to stay. */
  void dropGroups(LaunchPlan.Steps stage) {
    if (host.rootful() && has(NamespaceType.USER)) {
      stage
          .to("drop the engine's additional groups")
          .call("setgroups", Operand.of(0), plan.bytes(new byte[4], "[]"));
    }
  }

  private void joinNetwork(LaunchPlan.Steps stage) {
    stage
        .to(
            config
                    .linux()
                    .path(NamespaceType.NETWORK)
                    .filter(path -> path.startsWith("container:"))
                    .isPresent()
                ? "join the other container's network namespace"
                : "join the container's network namespace")
        .call("setns", Register.NETNS, Operand.flags(CLONE_NEWNET));
  }

  /**
   * The supervisor of root could not make one there: it would have to stay in the user namespace.
   */
  private boolean ownNetworkInJoinedUsers() {
    return joins(NamespaceType.USER) && owns(NamespaceType.NETWORK);
  }

  /** Its loopback, where its network namespace is made at each run. */
  void loopbackOfEachRun() {
    if (ownNetworkInJoinedUsers()) {
      loopback(plan.setup());
    }
  }

  private void add(List<Named> flags, NamespaceType type, Named flag) {
    if (owns(type)) {
      flags.add(flag);
    }
  }

  /** In a user namespace the new process is nobody until it takes the ids of root there. */
  void becomeRoot(LaunchPlan.Steps steps) {
    if (!has(NamespaceType.USER)) {
      return;
    }
    steps
        .to("become group 0 of the user namespace")
        .call("setresgid", Operand.of(0), Operand.of(0), Operand.of(0));
    steps
        .to("become user 0 of the user namespace")
        .call("setresuid", Operand.of(0), Operand.of(0), Operand.of(0));
  }

  private Operand data(String text) {
    return plan.data(text);
  }

  private static String map(List<IdMapping> mappings) {
    return mappings.stream()
        .map(m -> m.containerID() + " " + m.hostID() + " " + m.size() + "\n")
        .collect(Collectors.joining());
  }
}
