package dev.pinnace.internal.isolation.linux.plan;

import static dev.pinnace.linux.plan.Constants.*;

import dev.pinnace.linux.Errno;
import dev.pinnace.linux.plan.LaunchPlan;
import dev.pinnace.linux.plan.Operand;
import dev.pinnace.linux.plan.Register;
import dev.pinnace.linux.plan.Section;
import dev.pinnace.linux.plan.StepBuilder;
import dev.pinnace.oci.RuntimeConfig.NamespaceType;
import dev.pinnace.spi.storage.RootMount;
import java.nio.file.Path;
import java.util.stream.Collectors;

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

  /** In a user namespace the root is mounted before that is joined. */
  void stage() {
    if (mapped()) {
      new MappedRoot(plan, request).stage();
    }
  }

  private boolean mapped() {
    return host.rootful() && request.config().linux().has(NamespaceType.USER);
  }

  /** Mounts the root on its mount point and opens it. */
  Register mountAndOpen() {
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
      if (host.lowerdirPlus()) {
        overlayByLayer(overlay);
      } else {
        overlayByString(overlay);
      }
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
    step("give the root directory to the supervisor").send(root, 0);
    return root;
  }

  private void overlayByLayer(RootMount.Overlay overlay) {
    Register context = plan.register("overlay");
    Register mount = plan.register("rootfs");
    step("begin the root's overlay")
        .into(context)
        .call("fsopen", plan.text("overlay"), Operand.flags(FSOPEN_CLOEXEC));
    for (Path lower : overlay.lowers()) {
      set(context, "lowerdir+", lower.toString());
    }
    set(context, "upperdir", overlay.upper().toString());
    set(context, "workdir", overlay.work().toString());
    for (String option : overlay.options()) {
      String[] sides = option.split("=", 2);
      set(context, sides[0], sides.length == 2 ? sides[1] : null);
    }
    step("create the root's overlay")
        .call(
            "fsconfig",
            context,
            Operand.flags(FSCONFIG_CMD_CREATE),
            Operand.none(),
            Operand.none(),
            Operand.of(0));
    step("mount the root's overlay")
        .into(mount)
        .call("fsmount", context, Operand.flags(FSMOUNT_CLOEXEC), Operand.of(0));
    attachRoot();
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
    step("give the root directory to the supervisor").send(root, 0);
    return root;
  }

  private void attachRoot() {
    step("attach the root")
        .call(
            "move_mount",
            plan.register("rootfs"),
            plan.text(""),
            Operand.flags(AT_FDCWD),
            text(request.mountPoint()),
            Operand.flags(MOVE_MOUNT_F_EMPTY_PATH));
  }

  private void set(Register context, String key, @org.jspecify.annotations.Nullable String value) {
    step("set the overlay's " + key + (value == null ? "" : " to " + value))
        .call(
            "fsconfig",
            context,
            Operand.flags(value == null ? FSCONFIG_SET_FLAG : FSCONFIG_SET_STRING),
            plan.text(key),
            value == null ? Operand.none() : plan.text(value),
            Operand.of(0));
  }

  private void overlayByString(RootMount.Overlay overlay) {
    String options =
        "lowerdir="
            + String.join(":", overlay.linkNames())
            + ",upperdir="
            + escape(overlay.upper())
            + ",workdir="
            + escape(overlay.work())
            + overlay.options().stream().map(o -> "," + o).collect(Collectors.joining());
    step("enter the directory of short layer names").call("chdir", text(overlay.links()));
    step("mount the root's overlay")
        .call(
            "mount",
            plan.text("overlay"),
            text(request.mountPoint()),
            plan.text("overlay"),
            Operand.of(0),
            plan.text(options));
  }

  static String escape(Path path) {
    return path.toString().replace("\\", "\\\\").replace(",", "\\,").replace(":", "\\:");
  }

  /** Makes the opened root the root. */
  void pivot(Register root) {
    step("enter the new root").call("fchdir", root);
    step("make it the root").call("pivot_root", plan.text("."), plan.text("."));
    step("detach the host's root").call("umount2", plan.text("."), Operand.flags(MNT_DETACH));
    step("go to the new root").call("chdir", plan.text("/"));
  }

  private Operand text(Path path) {
    return plan.text(path.toString());
  }

  private StepBuilder step(String sentence) {
    return plan.in(Section.CHILD).to(sentence);
  }
}
