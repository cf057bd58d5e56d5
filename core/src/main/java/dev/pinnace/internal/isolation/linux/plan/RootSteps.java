package dev.pinnace.internal.isolation.linux.plan;

import static dev.pinnace.linux.plan.Constants.*;

import dev.pinnace.internal.isolation.linux.device.DeviceProgram;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.plan.LaunchPlan;
import dev.pinnace.linux.plan.Named;
import dev.pinnace.linux.plan.Operand;
import dev.pinnace.linux.plan.Register;
import dev.pinnace.linux.plan.Section;
import dev.pinnace.linux.plan.StepBuilder;
import dev.pinnace.oci.RuntimeConfig.NamespaceType;
import dev.pinnace.spi.storage.RootMount;
import java.nio.file.Path;
import java.util.function.Consumer;

/** The root file system: mounted in the container's mount namespace alone, then made its root. */
final class RootSteps {
  private static final int AT_REMOVEDIR = 0x200;

  private final LaunchPlan.Builder plan;
  private final PlanRequest request;
  private final HostFacts host;

  RootSteps(LaunchPlan.Builder plan, PlanRequest request, HostFacts host) {
    this.plan = plan;
    this.request = request;
    this.host = host;
  }

  /** Marks of an earlier volatile mount go, or overlay refuses the upper directory. */
  void before() {
    if (request.root() instanceof RootMount.Overlay overlay && overlay.volatileSync()) {
      LaunchPlan.Steps before = plan.in(Section.BEFORE);
      int left = overlay.volatileMarks().size();
      for (Path mark : overlay.volatileMarks()) {
        boolean directory = left-- < overlay.volatileMarks().size();
        before
            .to("remove " + mark.getFileName() + ", left by an earlier volatile mount")
            .tolerating(Errno.ENOENT, Errno.ENOTDIR)
            .call(
                "unlinkat",
                Operand.flags(AT_FDCWD),
                text(mark),
                Operand.of(directory ? AT_REMOVEDIR : 0));
      }
    }
  }

  /**
   * In a user namespace the root is mounted before that is joined.
   *
   * @param beforePrivate adds what has to come before mounts of the host become private
   */
  void stage(Consumer<Section> beforePrivate) {
    if (mapped()) {
      new MappedRoot(plan, request).stage(() -> beforePrivate.accept(Section.STAGE));
    }
  }

  private boolean mapped() {
    return host.rootful() && request.config().linux().has(NamespaceType.USER);
  }

  /**
   * Mounts the root on its mount point and opens it.
   *
   * @param beforePrivate adds what has to come before mounts of the host become private
   */
  Register mountAndOpen(Consumer<Section> beforePrivate) {
    if (!mapped()) {
      beforePrivate.accept(plan.setupSection());
    }
    step("make all mounts private")
        .call(
            "mount",
            Operand.none(),
            plan.text("/"),
            Operand.none(),
            Operand.flags(MS_REC, MS_PRIVATE),
            Operand.none());
    if (mapped()) {
      return attachMapped();
    }
    if (request.root() instanceof RootMount.Overlay overlay) {
      new OverlaySteps(plan, request.mountPoint()).mount(overlay, host.lowerdirPlus());
    } else if (request.root() instanceof RootMount.Bind bind) {
      step("mount the root directory")
          .call(
              "mount",
              text(bind.directory()),
              text(request.mountPoint()),
              Operand.none(),
              Operand.flags(MS_BIND, MS_REC),
              Operand.none());
    }
    Register root = plan.register("root");
    step("open the root directory")
        .into(root)
        .call(
            "openat",
            Operand.flags(AT_FDCWD),
            text(request.mountPoint()),
            Operand.flags(O_PATH, O_DIRECTORY, O_CLOEXEC),
            Operand.of(0));
    withoutDevices(root);
    if (MountSteps.copiesTrees(request.config())) {
      propagate("keep the root out of what is bound into it", MS_UNBINDABLE);
    }
    step("give the root directory to the supervisor").send(root, 0);
    return root;
  }

  /**
   * A bind takes the mounts below its source along, and the root itself may be below: each such
   * bind would double what is mounted. What is unbindable is left out (mount_namespaces(7)).
   */
  private void propagate(String sentence, Named type) {
    step(sentence)
        .call(
            "mount",
            Operand.none(),
            text(request.mountPoint()),
            Operand.none(),
            Operand.flags(type),
            Operand.none());
  }

  /** Where no rules can keep a container from the host's devices, nodes of its image are dead. */
  private void withoutDevices(Register root) {
    boolean restricted =
        DeviceProgram.compile(request.config().linux().resources().cgroupDevices()).isPresent();
    if (host.rootful() && !host.deviceRules() && restricted) {
      step("let no device node of the root work")
          .call(
              "mount_setattr",
              root,
              plan.text(""),
              Operand.flags(AT_EMPTY_PATH),
              MountAttributes.setting(plan, MOUNT_ATTR_NODEV),
              Operand.of(MountAttributes.SIZE));
    }
  }

  /**
   * The namespace's root could not find the mount point by its path; the working directory that it
   * inherits is there already.
   */
  private Register attachMapped() {
    Register root = plan.register("rootfs");
    step("attach the root")
        .call(
            "move_mount",
            root,
            plan.text(""),
            Operand.flags(AT_FDCWD),
            plan.text(""),
            Operand.flags(MOVE_MOUNT_F_EMPTY_PATH, MOVE_MOUNT_T_EMPTY_PATH));
    withoutDevices(root);
    step("give the root directory to the supervisor").send(root, 0);
    return root;
  }

  /** Makes the opened root the root. */
  void pivot(Register root) {
    if (MountSteps.copiesTrees(request.config())) {
      propagate("let the container bind its root", MS_PRIVATE);
    }
    step("enter the new root").call("fchdir", root);
    step("make it the root").call("pivot_root", plan.text("."), plan.text("."));
    step("detach the host's root").call("umount2", plan.text("."), Operand.flags(MNT_DETACH));
    step("go to the new root").call("chdir", plan.text("/"));
  }

  private Operand text(Path path) {
    return plan.text(path.toString());
  }

  private StepBuilder step(String sentence) {
    return plan.setup().to(sentence);
  }
}
