package dev.pinnace.internal.isolation.linux.plan;

import static dev.pinnace.linux.plan.Constants.*;

import dev.pinnace.linux.Errno;
import dev.pinnace.linux.plan.LaunchPlan;
import dev.pinnace.linux.plan.Operand;
import dev.pinnace.linux.plan.Register;
import dev.pinnace.linux.plan.StepBuilder;
import dev.pinnace.oci.RuntimeConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What hides the host from the container: masked and read-only paths, a read-only root, and kernel
 * parameters of its namespaces. Everything is mounted on a descriptor that was opened and checked,
 * never on a path (CVE-2025-31133, CVE-2025-52565, CVE-2025-52881).
 */
final class ProtectionSteps {
  private final LaunchPlan.Builder plan;
  private final RuntimeConfig config;
  private final HostFacts host;
  private final Register root;
  private final Register proc;
  private final Optional<Register> nullDevice;

  /**
   * Begins with what is mounted.
   *
   * @param proc a private one
   * @param nullDevice what files are to be covered with; what is at /dev/null by default
   */
  ProtectionSteps(
      LaunchPlan.Builder plan,
      RuntimeConfig config,
      HostFacts host,
      Register root,
      Register proc,
      Optional<Register> nullDevice) {
    this.plan = plan;
    this.config = config;
    this.host = host;
    this.root = root;
    this.proc = proc;
    this.nullDevice = nullDevice;
  }

  /** Written through the container's own, private proc. */
  void sysctls() {
    new TreeMap<>(config.linux().sysctl())
        .forEach(
            (name, value) ->
                step("set the kernel parameter " + name + " to " + value)
                    .writeAll(
                        proc, "sys/" + name.replace('.', '/'), plan.data(value), PROC_SUPER_MAGIC));
  }

  void mask() {
    List<String> masked = new ArrayList<>(config.linux().maskedPaths());
    if (!masked.isEmpty()) {
      masked.addAll(host.thermalThrottle());
      hide(masked);
    }
    config.linux().readonlyPaths().forEach(this::readOnly);
  }

  /** An empty directory that nobody can write to, which is on no path yet. */
  private Register emptyDirectory() {
    Register context = plan.register("emptyfs");
    Register empty = plan.register("empty");
    step("begin an empty directory")
        .into(context)
        .call("fsopen", plan.text("tmpfs"), Operand.flags(FSOPEN_CLOEXEC));
    step("limit the empty directory")
        .call(
            "fsconfig",
            context,
            Operand.flags(FSCONFIG_SET_STRING),
            plan.text("size"),
            plan.text("4k"),
            Operand.of(0));
    step("create the empty directory")
        .call(
            "fsconfig",
            context,
            Operand.flags(FSCONFIG_CMD_CREATE),
            Operand.none(),
            Operand.none(),
            Operand.of(0));
    step("make the empty directory read-only")
        .into(empty)
        .call(
            "fsmount",
            context,
            Operand.flags(FSMOUNT_CLOEXEC),
            Operand.flags(
                MOUNT_ATTR_RDONLY, MOUNT_ATTR_NOSUID, MOUNT_ATTR_NODEV, MOUNT_ATTR_NOEXEC));
    return empty;
  }

  /**
   * The empty directory over each directory, the null device over each file, nothing over nothing.
   * All at once: a large host has hundreds of paths.
   */
  private void hide(List<String> paths) {
    Register device = nullDevice.orElseGet(() -> new DeviceCheck(plan).openNull(root, "dev/null"));
    Register copy = plan.register("nullcopy");
    step("copy the null device")
        .into(copy)
        .call(
            "open_tree",
            device,
            plan.text(""),
            Operand.flags(OPEN_TREE_CLONE, OPEN_TREE_CLOEXEC, AT_EMPTY_PATH));
    Register empty = emptyDirectory();
    step("hide " + paths.get(0) + (paths.size() == 1 ? "" : " and " + (paths.size() - 1) + " more"))
        .tolerating(Errno.ENOENT, Errno.ENOTDIR, Errno.EACCES)
        .cover(root, empty, copy, paths.stream().map(path -> path.substring(1)).toList());
  }

  private void readOnly(String path) {
    Register any = plan.register("readonly");
    Register copy = plan.register("readonlycopy");
    open(path, any, O_PATH, O_CLOEXEC);
    step("copy " + path)
        .into(copy)
        .call(
            "open_tree",
            any,
            plan.text(""),
            Operand.flags(OPEN_TREE_CLONE, OPEN_TREE_CLOEXEC, AT_EMPTY_PATH, AT_RECURSIVE));
    step("make the copy of " + path + " read-only")
        .call(
            "mount_setattr",
            copy,
            plan.text(""),
            Operand.flags(AT_EMPTY_PATH, AT_RECURSIVE),
            readOnlyAttributes(path),
            Operand.of(MountAttributes.SIZE));
    step("make " + path + " read-only")
        .call(
            "move_mount",
            copy,
            plan.text(""),
            any,
            plan.text(""),
            Operand.flags(MOVE_MOUNT_F_EMPTY_PATH, MOVE_MOUNT_T_EMPTY_PATH));
  }

  /** Of kernel files nothing is executed; of others that is not the question. */
  private Operand readOnlyAttributes(String path) {
    return path.startsWith("/proc/") || path.startsWith("/sys/")
        ? MountAttributes.setting(
            plan, MOUNT_ATTR_RDONLY, MOUNT_ATTR_NOSUID, MOUNT_ATTR_NODEV, MOUNT_ATTR_NOEXEC)
        : MountAttributes.setting(plan, MOUNT_ATTR_RDONLY);
  }

  void readOnlyRoot() {
    if (config.root().readonly()) {
      step("make the root read-only")
          .call(
              "mount_setattr",
              root,
              plan.text(""),
              Operand.flags(AT_EMPTY_PATH),
              MountAttributes.setting(plan, MOUNT_ATTR_RDONLY),
              Operand.of(MountAttributes.SIZE));
    }
  }

  private void open(String path, Register into, dev.pinnace.linux.plan.Named... flags) {
    step("find " + path)
        .into(into)
        .tolerating(Errno.ENOENT, Errno.ENOTDIR, Errno.EACCES)
        .call("openat", root, plan.text(path.substring(1)), Operand.flags(flags), Operand.of(0));
  }

  private StepBuilder step(String sentence) {
    return plan.setup().to(sentence);
  }
}
