package dev.pinnace.internal.build.instruction;

import dev.pinnace.oci.ExecutionConfig;
import dev.pinnace.oci.ImageHealthcheck;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** A configuration that is being changed. Not thread-safe. */
final class ConfigDraft {
  String user;
  final List<String> env;
  List<String> entrypoint;
  List<String> cmd;
  String workingDir;
  final SortedSet<String> exposedPorts;
  final SortedSet<String> volumes;
  final Map<String, String> labels;
  Optional<String> stopSignal;
  Optional<ImageHealthcheck> healthcheck;
  final List<String> shell;
  final List<String> onBuild;

  ConfigDraft(ExecutionConfig config) {
    user = config.user();
    env = new ArrayList<>(config.env());
    entrypoint = config.entrypoint();
    cmd = config.cmd();
    workingDir = config.workingDir();
    exposedPorts = new TreeSet<>(config.exposedPorts());
    volumes = new TreeSet<>(config.volumes());
    labels = new TreeMap<>(config.labels());
    stopSignal = config.stopSignal();
    healthcheck = config.healthcheck();
    shell = config.shell();
    onBuild = new ArrayList<>(config.onBuild());
  }

  /** Sets a variable, in its place if it is there. */
  void variable(String name, String value) {
    for (int i = 0; i < env.size(); i++) {
      if (env.get(i).startsWith(name + "=")) {
        env.set(i, name + "=" + value);
        return;
      }
    }
    env.add(name + "=" + value);
  }

  ExecutionConfig config() {
    return new ExecutionConfig(
        user,
        env,
        entrypoint,
        cmd,
        workingDir,
        exposedPorts,
        volumes,
        labels,
        stopSignal,
        healthcheck,
        shell,
        onBuild);
  }
}
