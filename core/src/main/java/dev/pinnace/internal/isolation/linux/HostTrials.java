package dev.pinnace.internal.isolation.linux;

import static dev.pinnace.linux.plan.Constants.*;

import dev.pinnace.internal.isolation.linux.cgroup.CgroupTree;
import dev.pinnace.internal.isolation.linux.plan.HostFacts;
import dev.pinnace.internal.isolation.linux.plan.OverlaySteps;
import dev.pinnace.internal.isolation.linux.plan.OwnUserNamespace;
import dev.pinnace.internal.isolation.linux.plan.OwnerMaps;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.file.FileSystemContext;
import dev.pinnace.linux.plan.LaunchPlan;
import dev.pinnace.linux.plan.Operand;
import dev.pinnace.linux.plan.Register;
import dev.pinnace.linux.plan.Section;
import dev.pinnace.linux.process.Launcher;
import dev.pinnace.spec.Owner;
import dev.pinnace.spi.storage.RootMount;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What can be known of a host only by doing it in a process that may be thrown away. */
public final class HostTrials {
  private static final String SOME_IDS = "0 100000 65536\n";
  private static final String NO_PARAMETER = "pinnace";
  private static final int AT_REMOVEDIR = 0x200;

  private HostTrials() {}

  /**
   * Makes a user namespace, with one id for an ordinary user and with many for root, and becomes
   * root in it.
   */
  static Optional<Trial.Refusal> userNamespace(Launcher launcher, HostFacts host) {
    Trial trial = begin(host);
    if (host.rootful()) {
      trial
          .plan()
          .in(Section.PREPARE)
          .to("make a user namespace")
          .into(Register.USERNS)
          .userNamespace(SOME_IDS, SOME_IDS, false, null);
      trial.joinUserNamespace();
    }
    return trial
        .child(
            child -> {
              child
                  .to("become group 0 of the user namespace")
                  .call("setresgid", Operand.of(0), Operand.of(0), Operand.of(0));
              child
                  .to("become user 0 of the user namespace")
                  .call("setresuid", Operand.of(0), Operand.of(0), Operand.of(0));
            })
        .run(launcher);
  }

  /** Lets a copy of the mount at {@code source}, and of those below it, map their owners. */
  static Optional<Trial.Refusal> ownerMaps(Launcher launcher, String source, boolean recursive) {
    Trial trial = new Trial();
    LaunchPlan.Builder plan = trial.plan();
    Register namespace = OwnerMaps.make(plan, new Owner(1, 1), List.of(), List.of(), "owner");
    Register copy = plan.register("bind");
    return trial
        .child(
            child -> {
              child
                  .to("open " + source)
                  .into(copy)
                  .call(
                      "open_tree",
                      Operand.flags(AT_FDCWD),
                      plan.text(source),
                      recursive
                          ? Operand.flags(OPEN_TREE_CLONE, OPEN_TREE_CLOEXEC, AT_RECURSIVE)
                          : Operand.flags(OPEN_TREE_CLONE, OPEN_TREE_CLOEXEC));
              OwnerMaps.apply(plan, Section.CHILD, copy, namespace, source);
            },
            CLONE_NEWNS)
        .run(launcher);
  }

  /** Makes a container's other namespaces and mounts the kernel's own file systems in them. */
  static Optional<Trial.Refusal> namespaces(Launcher launcher, HostFacts host) {
    Trial trial = begin(host);
    return trial
        .child(
            child -> {
              privateMounts(trial.plan(), child);
              for (String type : new String[] {"proc", "sysfs", "mqueue", "devpts", "tmpfs"}) {
                fileSystem(trial.plan(), child, type);
              }
            },
            CLONE_NEWNS,
            CLONE_NEWPID,
            CLONE_NEWUTS,
            CLONE_NEWIPC,
            CLONE_NEWCGROUP,
            CLONE_NEWNET)
        .run(launcher);
  }

  /**
   * Mounts an overlay as a container's root is mounted, inside the user namespace of an ordinary
   * user, and writes and deletes through it.
   *
   * @param overlay whose upper layer is empty, with a file {@code kept} below
   * @param mountPoint a directory
   * @return why not; empty where it works
   */
  public static Optional<String> overlay(
      Launcher launcher, RootMount.Overlay overlay, Path mountPoint) {
    HostFacts host = withLayers(launcher, new HostProbe().facts(CgroupTree.none()));
    Trial trial = begin(host);
    Register root = trial.plan().register("root");
    return trial
        .child(
            child -> {
              privateMounts(trial.plan(), child);
              new OverlaySteps(trial.plan(), mountPoint).mount(overlay, host.lowerdirPlus());
              child
                  .to("open the overlay")
                  .into(root)
                  .call(
                      "openat",
                      Operand.flags(AT_FDCWD),
                      trial.plan().text(mountPoint.toString()),
                      Operand.flags(O_PATH, O_DIRECTORY, O_CLOEXEC),
                      Operand.of(0));
              child
                  .to("make a directory through the overlay")
                  .call("mkdirat", root, trial.plan().text("made"), Operand.mode(0755));
              child
                  .to("remove the directory again")
                  .call("unlinkat", root, trial.plan().text("made"), Operand.of(AT_REMOVEDIR));
              child
                  .to("delete a file of a lower layer")
                  .call("unlinkat", root, trial.plan().text("kept"), Operand.of(0));
            },
            CLONE_NEWNS)
        .run(launcher)
        .map(Trial.Refusal::message);
  }

  /**
   * {@code host}, with whether overlay takes its layers one by one there. Up to 6.4 an overlay
   * takes every parameter, whatever its name, and looks at them when it is created.
   */
  static HostFacts withLayers(Launcher launcher, HostFacts host) {
    boolean takesLayers =
        host.rootful()
            ? takes(OverlaySteps.LAYER) && !takes(NO_PARAMETER)
            : takesInside(launcher, host, OverlaySteps.LAYER)
                && !takesInside(launcher, host, NO_PARAMETER);
    return host.withLowerdirPlus(takesLayers);
  }

  private static boolean takes(String parameter) {
    try (FileSystemContext overlay = FileSystemContext.open("overlay")) {
      overlay.set(parameter, "/");
      return true;
    } catch (ErrnoException refusal) {
      return false;
    }
  }

  private static boolean takesInside(Launcher launcher, HostFacts host, String parameter) {
    Trial trial = begin(host);
    Register overlay = trial.plan().register("overlay");
    return trial
        .child(
            child -> {
              child
                  .to("begin an overlay")
                  .into(overlay)
                  .call("fsopen", trial.plan().text("overlay"), Operand.flags(FSOPEN_CLOEXEC));
              child
                  .to("give it " + parameter)
                  .call(
                      "fsconfig",
                      overlay,
                      Operand.flags(FSCONFIG_SET_STRING),
                      trial.plan().text(parameter),
                      trial.plan().text("/"),
                      Operand.of(0));
            },
            CLONE_NEWNS)
        .run(launcher)
        .isEmpty();
  }

  private static Trial begin(HostFacts host) {
    Trial trial = new Trial();
    if (!host.rootful()) {
      OwnUserNamespace.enter(trial.plan(), host.uid(), host.gid());
    }
    return trial;
  }

  private static void privateMounts(LaunchPlan.Builder plan, LaunchPlan.Steps child) {
    child
        .to("make all mounts private")
        .call(
            "mount",
            Operand.none(),
            plan.text("/"),
            Operand.none(),
            Operand.flags(MS_REC, MS_PRIVATE),
            Operand.none());
  }

  private static void fileSystem(LaunchPlan.Builder plan, LaunchPlan.Steps child, String type) {
    Register context = plan.register("context");
    child
        .to("begin " + type)
        .into(context)
        .call("fsopen", plan.text(type), Operand.flags(FSOPEN_CLOEXEC));
    child
        .to("mount " + type)
        .call(
            "fsconfig",
            context,
            Operand.flags(FSCONFIG_CMD_CREATE),
            Operand.none(),
            Operand.none(),
            Operand.of(0));
    child
        .to("keep " + type)
        .into(plan.register("mounted"))
        .call(
            "fsmount",
            context,
            Operand.flags(FSMOUNT_CLOEXEC),
            Operand.flags(MOUNT_ATTR_NOSUID, MOUNT_ATTR_NODEV, MOUNT_ATTR_NOEXEC));
    child.to("close the context of " + type).call("close", context);
    child.to("close " + type).call("close", plan.register("mounted"));
  }
}
