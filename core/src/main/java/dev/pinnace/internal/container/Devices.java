package dev.pinnace.internal.container;

import dev.pinnace.oci.RuntimeConfig.Device;
import dev.pinnace.spec.ContainerSpec;
import dev.pinnace.spec.DeviceMapping;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The devices of a container: nodes that it gets, and what its cgroup permits. */
final class Devices {
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

  private final List<Device> nodes = new ArrayList<>();
  private final List<String> rules = new ArrayList<>();

  Devices(ContainerSpec spec) {
    if (spec.security().privileged()) {
      nodes.addAll(HostDevices.all());
      rules.add("a *:* rwm");
    } else {
      rules.addAll(DEFAULT);
    }
    spec.devices().forEach(this::add);
  }

  private void add(String text) {
    DeviceMapping mapping = DeviceMapping.parse(text);
    Device node = HostDevices.find(Path.of(mapping.host()), mapping.container());
    nodes.add(node);
    rules.add(node.type() + " " + node.major() + ":" + node.minor() + " " + mapping.access());
  }

  /** Nodes to make in /dev besides the default ones. */
  List<Device> nodes() {
    return List.copyOf(nodes);
  }

  /** What is permitted, in the words of {@code RuntimeConfig.Resources}. */
  List<String> rules() {
    return List.copyOf(rules);
  }
}
