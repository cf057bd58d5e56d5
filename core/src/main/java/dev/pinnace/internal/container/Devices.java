package dev.pinnace.internal.container;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.oci.RuntimeConfig.Device;
import dev.pinnace.oci.RuntimeConfig.Mount;
import dev.pinnace.spec.ContainerSpec;
import dev.pinnace.spec.DeviceMapping;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The devices of a container: nodes that it gets, one a place, and what its cgroup permits. Not
 * thread-safe.
 */
final class Devices {
  private static final String DEV = "/dev/";
  private static final String NULL = "/dev/null";

  /**
   * What every container may use: to make nodes of any number, those of /dev (runtime-spec,
   * <i>Default Devices</i>), console, ptmx and terminals.
   */
  private static final List<String> DEFAULT =
      List.of(
          "a *:* m",
          "c 1:3 rwm",
          "c 1:5 rwm",
          "c 1:7 rwm",
          "c 1:8 rwm",
          "c 1:9 rwm",
          "c 5:0 rwm",
          "c 5:1 rwm",
          "c 5:2 rwm",
          "c 136:* rwm");

  /** Those in every container's /dev, which are no directories. */
  private static final List<String> ALWAYS_THERE =
      List.of(NULL, "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty");

  private final Map<String, Device> nodes = new LinkedHashMap<>();
  private final Map<String, Mount> elsewhere = new LinkedHashMap<>();
  private final List<String> rules = new ArrayList<>();

  /**
   * Looks the devices up on the host.
   *
   * @throws InvalidSpecException if one cannot be where it is to be
   */
  Devices(ContainerSpec spec) {
    if (spec.security().privileged()) {
      HostDevices.all().forEach(device -> nodes.put(device.path(), device));
      rules.add("a *:* rwm");
    } else {
      rules.addAll(DEFAULT);
    }
    spec.devices().forEach(this::add);
    rules.addAll(spec.deviceRules());
  }

  private void add(String text) {
    DeviceMapping mapping = DeviceMapping.parse(text);
    for (Device node : HostDevices.find(Path.of(mapping.host()), mapping.container())) {
      if (node.path().startsWith(DEV)) {
        checkPlace(node);
        nodes.put(node.path(), node);
      } else {
        elsewhere.put(node.path(), mount(node));
      }
      rules.add(node.type() + " " + node.major() + ":" + node.minor() + " " + mapping.access());
    }
  }

  /** Outside /dev the image's files are: its node is the host's. */
  private static Mount mount(Device node) {
    return new Mount(
        node.path(),
        "bind",
        node.source().orElse(node.path()),
        List.of("bind", "nosuid", "noexec", "x-pinnace.file"));
  }

  private void checkPlace(Device node) {
    boolean isNull = node.type().equals("c") && node.major() == 1 && node.minor() == 3;
    if (node.path().equals(NULL) && !isNull) {
      throw new InvalidSpecException(
          "the device on "
              + NULL
              + " must be that, for files are masked with it: choose another"
              + " place");
    }
    ALWAYS_THERE.forEach(other -> refuseNesting(node.path(), other));
    nodes.keySet().forEach(other -> refuseNesting(node.path(), other));
  }

  private static void refuseNesting(String path, String other) {
    if (path.startsWith(other + "/") || other.startsWith(path + "/")) {
      throw new InvalidSpecException(
          "there cannot be devices on both " + other + " and " + path + ": choose another place");
    }
  }

  /** Nodes to make in /dev besides the default ones, or in place of those. */
  List<Device> nodes() {
    return List.copyOf(nodes.values());
  }

  /** Mounts of those that are to be elsewhere. */
  List<Mount> mounts() {
    return List.copyOf(elsewhere.values());
  }

  /** What is permitted, in the words of {@code RuntimeConfig.Resources}. */
  List<String> rules() {
    return List.copyOf(rules);
  }
}
