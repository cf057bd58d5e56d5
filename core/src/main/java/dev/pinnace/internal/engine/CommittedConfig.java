package dev.pinnace.internal.engine;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.internal.container.HealthResolution;
import dev.pinnace.oci.ExecutionConfig;
import dev.pinnace.spec.ContainerPort;
import dev.pinnace.spec.ContainerSpec;
import dev.pinnace.spec.Mount;
import dev.pinnace.spec.ProcessSpec;
import dev.pinnace.spec.VolumeSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;

/** How containers of an image start that is made of a container: as that one does. */
final class CommittedConfig {
  private CommittedConfig() {}

  /** The image's configuration with what the container was asked for beyond it. */
  static ExecutionConfig of(ExecutionConfig image, ContainerSpec spec) {
    ProcessSpec process = spec.process();
    Map<String, String> labels = new LinkedHashMap<>(image.labels());
    labels.putAll(spec.labels());
    return new ExecutionConfig(
        process.user().orElse(image.user()),
        environment(image.env(), process),
        process.entrypoint().orElse(image.entrypoint()),
        command(image, process),
        process.workdir().orElse(image.workingDir()),
        exposedPorts(image, spec),
        volumes(image, spec),
        labels,
        spec.lifecycle()
            .stopSignal()
            .map(signal -> Integer.toString(signal.number()))
            .or(image::stopSignal),
        HealthResolution.merged(spec.health(), image),
        image.shell(),
        image.onBuild());
  }

  private static NavigableSet<String> exposedPorts(ExecutionConfig image, ContainerSpec spec) {
    NavigableSet<String> ports = new TreeSet<>();
    image.exposedPorts().forEach(text -> ports.addAll(spelled(text)));
    spec.namespaces().exposed().forEach(port -> ports.add(port.toString()));
    spec.namespaces().ports().forEach(mapping -> ports.add(mapping.container().toString()));
    return ports;
  }

  /** As Pinnace writes them; what it does not know, as of another protocol, is left as it is. */
  private static List<String> spelled(String exposed) {
    try {
      return ContainerPort.parse(exposed).stream().map(ContainerPort::toString).toList();
    } catch (InvalidSpecException unknown) {
      return List.of(exposed);
    }
  }

  /** Those without a name that were asked for are wanted of the image too, as with Docker. */
  private static NavigableSet<String> volumes(ExecutionConfig image, ContainerSpec spec) {
    NavigableSet<String> volumes = new TreeSet<>(image.volumes());
    spec.mounts().stream()
        .filter(mount -> mount.volume().filter(VolumeSpec::anonymous).isPresent())
        .map(Mount::target)
        .forEach(volumes::add);
    return volumes;
  }

  /** A new entry point drops the image's command. */
  private static List<String> command(ExecutionConfig image, ProcessSpec process) {
    if (!process.command().isEmpty()) {
      return process.command();
    }
    return process.entrypoint().isPresent() ? List.of() : image.cmd();
  }

  private static List<String> environment(List<String> image, ProcessSpec process) {
    Map<String, String> env = new LinkedHashMap<>();
    for (String entry : image) {
      int equals = entry.indexOf('=');
      if (equals > 0) {
        env.put(entry.substring(0, equals), entry.substring(equals + 1));
      }
    }
    process.unsetEnv().forEach(env::remove);
    env.putAll(process.env());
    return env.entrySet().stream().map(entry -> entry.getKey() + "=" + entry.getValue()).toList();
  }
}
