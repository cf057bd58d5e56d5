package dev.pinnace.internal.isolation.linux.plan;

import static dev.pinnace.linux.plan.Constants.*;

import dev.pinnace.linux.Errno;
import dev.pinnace.linux.plan.LaunchPlan;
import dev.pinnace.linux.plan.Operand;
import dev.pinnace.linux.plan.Register;
import dev.pinnace.linux.plan.Section;
import dev.pinnace.linux.plan.StepBuilder;
import dev.pinnace.oci.RuntimeConfig.IdMapping;
import dev.pinnace.spi.storage.RootMount;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The root file system of a container in a user namespace: the image's layers are mounted with the
 * namespace's id map, so that user 0 of the container is user 0 of the image (mount_setattr(2),
 * MOUNT_ATTR_IDMAP; as overlay's lower layers since Linux 5.19). What the container writes belongs
 * to the host's ids. Only real root may do that, and overlay takes layers from its own mount
 * namespace alone: so it happens in STAGE, in a mount namespace of its own, before the user
 * namespace is joined.
 */
final class MappedRoot {
  private static final int USERNS_FD_AT = 24;

  private final LaunchPlan.Builder plan;
  private final PlanRequest request;

  MappedRoot(LaunchPlan.Builder plan, PlanRequest request) {
    this.plan = plan;
    this.request = request;
  }

  /**
   * Mounts the root and keeps it detached in the register {@code rootfs}.
   *
   * @param beforePrivate adds what has to come before mounts of the host become private
   */
  void stage(Runnable beforePrivate) {
    Operand.Scratch attributes = attributes();
    step("go into a mount namespace of its own").call("unshare", Operand.flags(CLONE_NEWNS));
    beforePrivate.run();
    step("make all mounts private")
        .call(
            "mount",
            Operand.none(),
            plan.text("/"),
            Operand.none(),
            Operand.flags(MS_REC, MS_PRIVATE),
            Operand.none());
    if (request.root() instanceof RootMount.Bind bind) {
      mapped(bind.directory(), rootfs(), attributes);
      goToAnEmptyDirectory();
    } else if (request.root() instanceof RootMount.Overlay overlay) {
      goToAnEmptyDirectory();
      overlay(overlay, attributes);
    }
  }

  /** Where layers and sources of mounts have their places; the root comes over it. */
  private void goToAnEmptyDirectory() {
    Operand here = plan.text(request.mountPoint().toString());
    step("make an empty directory")
        .call(
            "mount",
            plan.text("tmpfs"),
            here,
            plan.text("tmpfs"),
            Operand.flags(MS_NOSUID, MS_NODEV),
            plan.text("size=1m,mode=755"));
    step("go there").call("chdir", here);
  }

  private Register rootfs() {
    return plan.register("rootfs");
  }

  private Operand.Scratch attributes() {
    byte[] image =
        ByteBuffer.allocate(MountAttributes.SIZE)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(MOUNT_ATTR_IDMAP.value())
            .array();
    Operand.Scratch attributes = plan.scratch(image, "{set MOUNT_ATTR_IDMAP}");
    step("name the user namespace whose ids the layers take")
        .storeLong(Register.USERNS, attributes.at(USERNS_FD_AT, 8));
    return attributes;
  }

  private void mapped(Path directory, Register copy, Operand.Scratch attributes) {
    step("open " + directory)
        .into(copy)
        .call(
            "open_tree",
            Operand.flags(AT_FDCWD),
            plan.text(directory.toString()),
            Operand.flags(OPEN_TREE_CLONE, OPEN_TREE_CLOEXEC));
    step("map the ids of " + directory)
        .call(
            "mount_setattr",
            copy,
            plan.text(""),
            Operand.flags(AT_EMPTY_PATH),
            attributes,
            Operand.of(MountAttributes.SIZE));
  }

  private void overlay(RootMount.Overlay overlay, Operand.Scratch attributes) {
    List<String> names = new ArrayList<>();
    for (Path lower : overlay.lowers()) {
      String name = Integer.toString(names.size());
      attach(lower, name, attributes);
      names.add(name);
    }
    IdMapping users = request.config().linux().uidMappings().get(0);
    IdMapping groups = request.config().linux().gidMappings().get(0);
    step("give the writable layer to the container's root")
        .call(
            "fchownat",
            Operand.flags(AT_FDCWD),
            plan.text(overlay.upper().toString()),
            Operand.of(users.hostID()),
            Operand.of(groups.hostID()),
            Operand.flags(AT_SYMLINK_NOFOLLOW));
    directory("root");
    String options =
        "lowerdir="
            + String.join(":", names)
            + ",upperdir="
            + OverlaySteps.escape(overlay.upper())
            + ",workdir="
            + OverlaySteps.escape(overlay.work());
    step("mount the root's overlay")
        .call(
            "mount",
            plan.text("overlay"),
            plan.text("root"),
            plan.text("overlay"),
            Operand.of(0),
            plan.text(options + "," + String.join(",", overlay.options())));
    step("keep the root's overlay")
        .into(rootfs())
        .call(
            "open_tree",
            Operand.flags(AT_FDCWD),
            plan.text("root"),
            Operand.flags(OPEN_TREE_CLONE, OPEN_TREE_CLOEXEC));
  }

  private void attach(Path source, String name, Operand.Scratch attributes) {
    Register copy = plan.register("layer");
    mapped(source, copy, attributes);
    directory(name);
    step("attach " + source)
        .call(
            "move_mount",
            copy,
            plan.text(""),
            Operand.flags(AT_FDCWD),
            plan.text(name),
            Operand.flags(MOVE_MOUNT_F_EMPTY_PATH));
  }

  private void directory(String name) {
    step("make the directory " + name)
        .tolerating(Errno.EEXIST)
        .call("mkdirat", Operand.flags(AT_FDCWD), plan.text(name), Operand.mode(0755));
  }

  private StepBuilder step(String sentence) {
    return plan.in(Section.STAGE).to(sentence);
  }
}
