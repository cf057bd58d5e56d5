package dev.pinnace.internal.isolation.linux.plan;

import static dev.pinnace.linux.plan.Constants.*;

import dev.pinnace.linux.Errno;
import dev.pinnace.linux.plan.LaunchPlan;
import dev.pinnace.linux.plan.Named;
import dev.pinnace.linux.plan.Operand;
import dev.pinnace.linux.plan.Register;
import dev.pinnace.linux.plan.Section;
import dev.pinnace.linux.plan.StepBuilder;
import dev.pinnace.oci.RuntimeConfig;
import dev.pinnace.oci.RuntimeConfig.NamespaceType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * Namespaces of other containers. Those that end with a process are joined through its pidfd, which
 * keeps nothing of it alive (setns(2), Linux 5.8); user and network namespaces by descriptors of
 * their own, for they outlive a run.
 *
 * <p>Two file systems come from the other container's mount namespace: its /dev/shm, which is
 * nowhere else, and its /proc where its pid namespace is joined, for whoever is not yet in that
 * cannot mount one.
 */
final class JoinedNamespaces {
  private static final int STATFS = 120;

  private final LaunchPlan.Builder plan;
  private final RuntimeConfig config;
  private final HostFacts host;

  JoinedNamespaces(LaunchPlan.Builder plan, RuntimeConfig config, HostFacts host) {
    this.plan = plan;
    this.config = config;
    this.host = host;
  }

  /** The register with the other container's /dev/shm. */
  static Register sharedMemory(LaunchPlan.Builder plan) {
    return plan.register("shm");
  }

  /**
   * Before the launcher clones the supervisor: the user namespace of an ordinary user's other
   * container.
   */
  void enter() {
    String other =
        config.linux().namespaces().stream()
            .flatMap(namespace -> namespace.path().stream())
            .findFirst()
            .orElseThrow();
    plan.in(Section.ENTER)
        .to("join the user namespace of " + named(other))
        .call("setns", Register.USERNS, Operand.flags(CLONE_NEWUSER));
  }

  /** Copies the mounts that come from other containers, and goes back to where it was. */
  void borrow(Register proc) {
    boolean memory =
        config.mounts().stream()
            .anyMatch(mount -> mount.type().equals(RuntimeConfig.SHARED_MEMORY));
    boolean processes = config.linux().joins(NamespaceType.PID);
    if (!memory && !processes) {
      return;
    }
    // An ordinary user could not go back to the host's: setns(2), EPERM.
    if (!host.rootful()) {
      step("go into a mount namespace of its own").call("unshare", Operand.flags(CLONE_NEWNS));
    }
    Register home = plan.register("homemounts");
    Register top = plan.register("hometop");
    step("remember this mount namespace")
        .into(home)
        .call(
            "openat",
            Operand.flags(AT_FDCWD),
            plan.text("/proc/self/ns/mnt"),
            Operand.flags(O_RDONLY, O_CLOEXEC),
            Operand.of(0));
    step("remember this root directory")
        .into(top)
        .call(
            "openat",
            Operand.flags(AT_FDCWD),
            plan.text("/"),
            Operand.flags(O_PATH, O_DIRECTORY, O_CLOEXEC),
            Operand.of(0));
    if (processes) {
      visit(NamespaceType.PID, Register.JOINED_PID);
      copy("/proc", NamespaceType.PID, proc, true);
    }
    if (memory) {
      visit(NamespaceType.IPC, Register.JOINED_IPC);
      copy("/dev/shm", NamespaceType.IPC, sharedMemory(plan), false);
    }
    step("go back to this mount namespace").call("setns", home, Operand.flags(CLONE_NEWNS));
    step("go to this root directory").call("fchdir", top);
    step("take it as the root again").call("chroot", plan.text("."));
    step("forget this mount namespace").call("close", home);
    step("forget this root directory").call("close", top);
  }

  private void visit(NamespaceType type, Register process) {
    step("visit the mounts of " + other(type)).call("setns", process, Operand.flags(CLONE_NEWNS));
  }

  /** No link leads elsewhere: the other container may have made one. */
  private void copy(String path, NamespaceType type, Register into, boolean proc) {
    String whose = path + " of " + other(type);
    Register place = plan.register("borrowed");
    step("open " + whose)
        .into(place)
        .call(
            "openat2",
            Operand.flags(AT_FDCWD),
            plan.text(path),
            OpenHow.of(
                plan,
                List.of(O_PATH, O_DIRECTORY, O_CLOEXEC),
                List.of(RESOLVE_NO_SYMLINKS, RESOLVE_NO_MAGICLINKS)),
            Operand.of(OpenHow.SIZE));
    if (proc) {
      Operand.Scratch kind = plan.scratch(new byte[STATFS], "statfs");
      step("ask what " + whose + " is").call("fstatfs", place, kind);
      step("check that " + whose + " shows processes")
          .check(kind.at(0, 8), word(-1), word(PROC_SUPER_MAGIC.value()), Errno.ENOTDIR);
    }
    step("copy " + whose)
        .into(into)
        .call(
            "open_tree",
            place,
            plan.text(""),
            Operand.flags(OPEN_TREE_CLONE, OPEN_TREE_CLOEXEC, AT_EMPTY_PATH));
    step("close " + whose).call("close", place);
  }

  private static byte[] word(long value) {
    return ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
  }

  /** Joins those of processes; of a pid namespace it is children who are in it. */
  void join() {
    join(NamespaceType.PID, Register.JOINED_PID, CLONE_NEWPID);
    join(NamespaceType.IPC, Register.JOINED_IPC, CLONE_NEWIPC);
    join(NamespaceType.UTS, Register.JOINED_UTS, CLONE_NEWUTS);
  }

  private void join(NamespaceType type, Register process, Named flag) {
    if (config.linux().joins(type)) {
      step("join the " + name(type) + " namespace of " + other(type))
          .call("setns", process, Operand.flags(flag));
    }
  }

  private static String name(NamespaceType type) {
    return switch (type) {
      case PID -> "pid";
      case IPC -> "IPC";
      default -> "UTS";
    };
  }

  private String other(NamespaceType type) {
    return named(config.linux().path(type).orElseThrow());
  }

  private static String named(String path) {
    String id = path.substring(path.indexOf(':') + 1);
    return "container " + id.substring(0, Math.min(id.length(), 12));
  }

  private StepBuilder step(String sentence) {
    return plan.in(Section.STAGE).to(sentence);
  }
}
