package dev.pinnace.internal.isolation.linux.plan;

import static dev.pinnace.linux.plan.Constants.*;

import dev.pinnace.linux.plan.LaunchPlan;
import dev.pinnace.linux.plan.Operand;
import dev.pinnace.linux.plan.Register;
import dev.pinnace.linux.plan.StepBuilder;
import dev.pinnace.oci.RuntimeConfig;
import dev.pinnace.oci.RuntimeConfig.Device;
import dev.pinnace.oci.RuntimeConfig.NamespaceType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What /dev holds: device nodes, or in a user namespace, where none can be made, the host's by bind
 * mounts; and links.
 */
final class DeviceSteps {
  /** The devices of every container (runtime-spec, <i>Default Devices</i>). */
  private static final List<Device> DEFAULT =
      List.of(
          device("null", 1, 3),
          device("zero", 1, 5),
          device("full", 1, 7),
          device("random", 1, 8),
          device("urandom", 1, 9),
          device("tty", 5, 0));

  private static final String[][] LINKS = {
    {"/proc/self/fd", "fd"},
    {"/proc/self/fd/0", "stdin"},
    {"/proc/self/fd/1", "stdout"},
    {"/proc/self/fd/2", "stderr"},
    {"pts/ptmx", "ptmx"}
  };

  private final LaunchPlan.Builder plan;
  private final RuntimeConfig config;
  private final boolean binds;
  private final DeviceCheck check;
  private final Set<String> directories = new HashSet<>();

  DeviceSteps(LaunchPlan.Builder plan, RuntimeConfig config, HostFacts host) {
    this.plan = plan;
    this.config = config;
    this.binds = !host.rootful() || config.linux().has(NamespaceType.USER);
    this.check = new DeviceCheck(plan);
  }

  private static Device device(String name, long major, long minor) {
    return new Device("/dev/" + name, "c", major, minor, 0666, 0, 0, Optional.empty());
  }

  void populate(Register dev) {
    List<Device> given = config.linux().devices();
    Set<String> taken = given.stream().map(Device::path).collect(Collectors.toSet());
    List<Device> devices = new ArrayList<>(DEFAULT);
    devices.removeIf(device -> taken.contains(device.path()));
    devices.addAll(given);
    for (Device device : devices) {
      if (binds) {
        bind(dev, device);
      } else {
        make(dev, device);
      }
    }
    for (String[] link : LINKS) {
      step("link /dev/" + link[1] + " to " + link[0])
          .call("symlinkat", plan.text(link[0]), dev, plan.text(link[1]));
    }
  }

  private void bind(Register dev, Device device) {
    Register copy = plan.register("device");
    Register at = plan.register("deviceat");
    String source = device.source().orElse(device.path());
    step("open the host's " + source)
        .into(copy)
        .call(
            "open_tree",
            Operand.flags(AT_FDCWD),
            plan.text(source),
            Operand.flags(OPEN_TREE_CLONE, OPEN_TREE_CLOEXEC));
    check.expect(copy, "the host's " + source, device.type(), device.major(), device.minor());
    step("make a place for " + device.path()).into(at).makeFile(dev, name(device));
    step("mount " + device.path())
        .call(
            "move_mount",
            copy,
            plan.text(""),
            at,
            plan.text(""),
            Operand.flags(MOVE_MOUNT_F_EMPTY_PATH, MOVE_MOUNT_T_EMPTY_PATH));
  }

  private void make(Register dev, Device device) {
    String name = name(device);
    int slash = name.lastIndexOf('/');
    if (slash > 0 && directories.add(name.substring(0, slash))) {
      step("make the directory of " + device.path())
          .into(plan.register("deviceat"))
          .makeDirectory(dev, name.substring(0, slash), 0755);
    }
    step("make " + device.path())
        .call(
            "mknodat",
            dev,
            plan.text(name),
            new Operand.Immediate(
                type(device) | device.fileMode(),
                device.type() + "|0" + Integer.toOctalString(device.fileMode())),
            new Operand.Immediate(number(device), device.major() + ":" + device.minor()));
    if (device.uid() != 0 || device.gid() != 0) {
      step("set the owner of " + device.path())
          .call(
              "fchownat",
              dev,
              plan.text(name),
              Operand.of(device.uid()),
              Operand.of(device.gid()),
              Operand.flags(AT_SYMLINK_NOFOLLOW));
    }
  }

  private static String name(Device device) {
    return device.path().substring("/dev/".length());
  }

  private static long type(Device device) {
    return switch (device.type()) {
      case "b" -> S_IFBLK.value();
      case "p" -> S_IFIFO.value();
      default -> S_IFCHR.value();
    };
  }

  /** makedev(3) as the kernel takes it: 32 bits, the minor number around the major. */
  private static long number(Device device) {
    return (device.minor() & 0xFF) | (device.major() << 8) | ((device.minor() & ~0xFFL) << 12);
  }

  private StepBuilder step(String sentence) {
    return plan.setup().to(sentence);
  }
}
