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
import dev.pinnace.oci.RuntimeConfig.Mount;
import dev.pinnace.oci.RuntimeConfig.NamespaceType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything mounted below the root, before it becomes the root. Places are found through
 * openat2(2) in the new root, so a symbolic link of the image leads nowhere else; /proc and /sys
 * must not be links at all (CVE-2019-19921).
 */
final class MountSteps {
  private final LaunchPlan.Builder plan;
  private final RuntimeConfig config;
  private final HostFacts host;
  private final Register proc;
  private final Map<Mount, Register> prepared = new HashMap<>();
  private Operand.@Nullable Scratch place;

  MountSteps(LaunchPlan.Builder plan, RuntimeConfig config, HostFacts host) {
    this.plan = plan;
    this.config = config;
    this.host = host;
    this.proc = plan.register("proc");
  }

  /** The private proc, through which kernel files are written. */
  Register proc() {
    return proc;
  }

  /** In a user namespace the sources of binds are out of reach: the supervisor copies them. */
  void before() {
    if (config.linux().has(NamespaceType.USER)) {
      int number = 0;
      for (Mount mount : config.mounts()) {
        if (mount.type().equals("bind")) {
          Register copy = plan.register("bind" + number++);
          copySource(Section.BEFORE, mount, copy);
          prepared.put(mount, copy);
        }
      }
    }
  }

  private void copySource(Section section, Mount mount, Register copy) {
    MountOptions options = MountOptions.parse(mount.type(), mount.options());
    Operand flags =
        options.recursive()
            ? Operand.flags(OPEN_TREE_CLONE, OPEN_TREE_CLOEXEC, AT_RECURSIVE)
            : Operand.flags(OPEN_TREE_CLONE, OPEN_TREE_CLOEXEC);
    plan.in(section)
        .to("open " + mount.source() + ", to be mounted on " + mount.destination())
        .into(copy)
        .call("open_tree", Operand.flags(AT_FDCWD), plan.text(mount.source()), flags);
  }

  void all(Register root) {
    for (Mount mount : config.mounts()) {
      if (mount.type().equals("bind")) {
        bind(root, mount);
      } else {
        filesystem(root, mount);
      }
      if (mount.destination().equals("/dev") && mount.type().equals("tmpfs")) {
        new DeviceSteps(plan, config, host).populate(plan.register("tmpfs"));
      }
    }
  }

  private void bind(Register root, Mount mount) {
    MountOptions options = MountOptions.parse(mount.type(), mount.options());
    Register copy = prepared.get(mount);
    if (copy == null) {
      copy = plan.register("bind");
      copySource(Section.CHILD, mount, copy);
    }
    if (!options.attributes().isEmpty()) {
      step("restrict the mount on " + mount.destination())
          .call(
              "mount_setattr",
              copy,
              plan.text(""),
              options.recursive()
                  ? Operand.flags(AT_EMPTY_PATH, AT_RECURSIVE)
                  : Operand.flags(AT_EMPTY_PATH),
              MountAttributes.setting(plan, options.attributes().toArray(Named[]::new)),
              Operand.of(MountAttributes.SIZE));
    }
    attach(root, copy, mount.destination(), options.file());
  }

  private void filesystem(Register root, Mount mount) {
    MountOptions options = MountOptions.parse(mount.type(), mount.options());
    Register context = plan.register("context");
    Register mounted =
        mount.type().equals("proc")
            ? proc
            : plan.register(mount.type().equals("tmpfs") ? "tmpfs" : "mounted");
    String what = mount.type() + " on " + mount.destination();
    step("begin " + what)
        .into(context)
        .call("fsopen", plan.text(mount.type()), Operand.flags(FSOPEN_CLOEXEC));
    for (String option : options.filesystem()) {
      if (mount.type().equals("devpts") && option.startsWith("gid=") && !isGroup(option)) {
        continue;
      }
      String[] sides = option.split("=", 2);
      step("set " + option + " of " + what)
          .call(
              "fsconfig",
              context,
              Operand.flags(sides.length == 2 ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG),
              plan.text(sides[0]),
              sides.length == 2 ? plan.text(sides[1]) : Operand.none(),
              Operand.of(0));
    }
    step("create " + what)
        .call(
            "fsconfig",
            context,
            Operand.flags(FSCONFIG_CMD_CREATE),
            Operand.none(),
            Operand.none(),
            Operand.of(0));
    step("mount " + what)
        .into(mounted)
        .call(
            "fsmount",
            context,
            Operand.flags(FSMOUNT_CLOEXEC),
            Operand.flags(options.attributes().toArray(Named[]::new)));
    step("close the context of " + what).call("close", context);
    attach(root, mounted, mount.destination(), false);
  }

  /**
   * Whether the group of {@code gid=} is one in the container's user namespace. Where group 5, tty,
   * is not, terminals belong to their user's group, as devpts(5) does it without the option.
   */
  private boolean isGroup(String option) {
    long gid = Long.parseLong(option.substring("gid=".length()));
    if (!host.rootful()) {
      return gid == 0;
    }
    return !config.linux().has(NamespaceType.USER)
        || config.linux().gidMappings().stream()
            .anyMatch(m -> gid >= m.containerID() && gid < m.containerID() + m.size());
  }

  private void attach(Register root, Register mounted, String destination, boolean file) {
    Register at = plan.register("at");
    String relative = destination.substring(1);
    StepBuilder place = step("find " + destination + " in the root, or make it").into(at);
    if (file) {
      place.makeFile(root, relative);
    } else {
      place.makeDirectory(root, relative, 0755);
    }
    if (!destination.equals("/proc")) {
      checkNotProc(at, destination);
    }
    if (destination.equals("/proc") || destination.equals("/sys")) {
      step("close " + destination).call("close", at);
      step("check that " + destination + " is a directory of the image, not a link")
          .into(at)
          .call("openat2", root, plan.text(relative), openHow(), Operand.of(24));
    }
    step("attach the mount on " + destination)
        .call(
            "move_mount",
            mounted,
            plan.text(""),
            at,
            plan.text(""),
            Operand.flags(MOVE_MOUNT_F_EMPTY_PATH, MOVE_MOUNT_T_EMPTY_PATH));
    step("close " + destination).call("close", at);
  }

  /**
   * A link of the image can lead a mount into /proc, where it would hide what LSM labels are
   * written to (CVE-2019-16884). f_type is the first member of struct statfs: statfs(2).
   */
  private void checkNotProc(Register at, String destination) {
    if (place == null) {
      place = plan.scratch(new byte[120], "statfs");
    }
    byte[] magic =
        ByteBuffer.allocate(8)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(PROC_SUPER_MAGIC.value())
            .array();
    byte[] mask = new byte[8];
    Arrays.fill(mask, (byte) 0xFF);
    step("ask on which file system " + destination + " lies").call("fstatfs", at, place);
    step("check that no link of the image leads " + destination + " into /proc")
        .checkNot(place.at(0, 8), mask, magic, Errno.EXDEV);
  }

  /** struct open_how of openat2(2): flags, mode, resolve. */
  private Operand openHow() {
    byte[] how =
        ByteBuffer.allocate(24)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(O_PATH.value() | O_DIRECTORY.value() | O_CLOEXEC.value())
            .putLong(0)
            .putLong(RESOLVE_IN_ROOT.value() | RESOLVE_NO_SYMLINKS.value())
            .array();
    return plan.bytes(
        how, "{O_PATH|O_DIRECTORY|O_CLOEXEC, 0, RESOLVE_IN_ROOT|RESOLVE_NO_SYMLINKS}");
  }

  private StepBuilder step(String sentence) {
    return plan.in(Section.CHILD).to(sentence);
  }
}
