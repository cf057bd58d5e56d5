package dev.pinnace.examples.cli;

import dev.pinnace.Image;
import dev.pinnace.oci.ExecutionConfig;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.ContainerPaths;
import dev.pinnace.spec.ContainerState;
import dev.pinnace.spec.ContainerStatus;
import dev.pinnace.spec.ExitStatus;
import dev.pinnace.spec.Lifetime;
import dev.pinnace.spec.ProcessSpec;
import dev.pinnace.spec.Signal;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** A container as {@code docker inspect} prints it. */
final class ContainerDocument {
  private static final String NEVER = "0001-01-01T00:00:00Z";

  private ContainerDocument() {}

  /**
   * Of one container.
   *
   * @param paths of its files
   * @param driver that stores them
   * @param links that it has on the default bridge
   */
  static Map<String, Object> of(
      ContainerState state,
      Optional<Image> image,
      ContainerPaths paths,
      String driver,
      List<String> links) {
    Program program = Program.of(state.spec().process(), image);
    List<String> arguments = program.arguments();
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("Id", state.id().hex());
    document.put("Created", state.created().toString());
    document.put("Path", arguments.isEmpty() ? "" : arguments.get(0));
    document.put("Args", arguments.stream().skip(1).toList());
    document.put("State", state(state));
    document.put("Image", state.imageId().toString());
    document.put("ResolvConfPath", paths.resolvConf().toString());
    document.put("HostnamePath", paths.hostname().toString());
    document.put("HostsPath", paths.hosts().toString());
    document.put("LogPath", log(state, paths));
    document.put("Name", "/" + state.name());
    document.put("RestartCount", state.restarts());
    document.put("Driver", driver);
    document.put("Platform", "linux");
    document.put("ExecIDs", null); // an exec has none
    document.put("AppArmorProfile", state.spec().security().apparmor().orElse(""));
    document.put("HostConfig", HostConfigDocument.of(state.spec(), links));
    document.put("GraphDriver", graphDriver(state, paths, driver));
    document.put("Mounts", state.mounts().stream().map(MountDocument::of).toList());
    document.put("Config", config(state, program, image));
    return document;
  }

  /** Of overlay only; what is merged is seen through the container's first process. */
  private static Map<String, Object> graphDriver(
      ContainerState state, ContainerPaths paths, String driver) {
    Map<String, Object> result = new LinkedHashMap<>();
    Optional<ContainerPaths.LayerPaths> overlay =
        paths.layer().filter(layer -> layer.work().isPresent());
    result.put("Data", overlay.map(layer -> directories(state, layer)).orElse(null));
    result.put("Name", driver);
    return result;
  }

  private static Map<String, String> directories(
      ContainerState state, ContainerPaths.LayerPaths layer) {
    Map<String, String> result = new LinkedHashMap<>();
    result.put(
        "LowerDir", layer.lowers().stream().map(Path::toString).collect(Collectors.joining(":")));
    result.put(
        "MergedDir", state.pid().isPresent() ? "/proc/" + state.pid().getAsInt() + "/root" : "");
    result.put("UpperDir", layer.upper().toString());
    result.put("WorkDir", layer.work().map(Path::toString).orElse(""));
    return result;
  }

  private static String log(ContainerState state, ContainerPaths paths) {
    boolean kept = !state.spec().lifecycle().log().bytesPerFile().equals(Bytes.ZERO);
    return kept ? paths.log().toString() : "";
  }

  private static Map<String, Object> state(ContainerState state) {
    Optional<ExitStatus> exit = state.exit();
    ContainerStatus status = state.status();
    boolean runs = status == ContainerStatus.RUNNING || status == ContainerStatus.PAUSED;
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("Status", status.word());
    result.put("Running", status.isAlive());
    result.put("Paused", status == ContainerStatus.PAUSED);
    result.put("Restarting", status == ContainerStatus.RESTARTING);
    result.put("OOMKilled", !runs && exit.map(ExitStatus::outOfMemory).orElse(false));
    result.put("Dead", false);
    result.put("Pid", state.pid().orElse(0));
    result.put("ExitCode", runs ? 0 : exit.map(ExitStatus::code).orElse(0));
    result.put("Error", runs ? "" : exit.map(ContainerDocument::error).orElse(""));
    result.put("StartedAt", time(state.started()));
    result.put("FinishedAt", time(exit.flatMap(ExitStatus::finished)));
    state.health().ifPresent(health -> result.put("Health", HealthDocument.of(health)));
    return result;
  }

  private static Map<String, Object> config(
      ContainerState state, Program program, Optional<Image> made) {
    Optional<ExecutionConfig> image = made.map(i -> i.config().config());
    ProcessSpec process = state.spec().process();
    List<String> env = new ArrayList<>(image.map(ExecutionConfig::env).orElse(List.of()));
    process.unsetEnv().forEach(name -> env.removeIf(variable -> variable.startsWith(name + "=")));
    process
        .env()
        .forEach(
            (name, value) -> {
              env.removeIf(variable -> variable.startsWith(name + "="));
              env.add(name + "=" + value);
            });
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("Hostname", state.spec().namespaces().hostname().orElse(state.id().shortHex()));
    result.put("Domainname", state.spec().namespaces().domainname().orElse(""));
    result.put("User", process.user().or(() -> image.map(ExecutionConfig::user)).orElse(""));
    boolean attached = state.spec().lifecycle().lifetime() == Lifetime.BOUND;
    result.put("AttachStdin", attached && process.stdinOpen());
    result.put("AttachStdout", attached);
    result.put("AttachStderr", attached);
    result.put("Tty", process.terminal());
    result.put("OpenStdin", process.stdinOpen());
    result.put("StdinOnce", process.stdinOnce());
    result.put("Env", env);
    result.put("Cmd", program.command());
    result.put("Image", state.spec().image());
    Map<String, Object> exposed = new LinkedHashMap<>();
    ShownPorts.exposed(state.spec().namespaces(), made)
        .forEach(port -> exposed.put(port, Map.of()));
    if (!exposed.isEmpty()) {
      result.put("ExposedPorts", exposed);
    }
    Map<String, Object> volumes = new LinkedHashMap<>();
    image.ifPresent(says -> says.volumes().forEach(path -> volumes.put(path, Map.of())));
    result.put("Volumes", volumes);
    result.put(
        "WorkingDir",
        process.workdir().or(() -> image.map(ExecutionConfig::workingDir)).orElse(""));
    result.put("Entrypoint", program.entrypoint());
    result.put("Labels", state.spec().labels());
    result.put(
        "StopSignal",
        state
            .spec()
            .lifecycle()
            .stopSignal()
            .map(Signal::toString)
            .or(() -> image.flatMap(ExecutionConfig::stopSignal))
            .orElse("SIGTERM"));
    result.put("StopTimeout", Grace.seconds(state.spec().lifecycle().stopTimeout()));
    HealthDocument.config(state.spec().health(), image.flatMap(ExecutionConfig::healthcheck))
        .ifPresent(check -> result.put("Healthcheck", check));
    return result;
  }

  private static String error(ExitStatus exit) {
    return exit.timedOut() && exit.remark().isEmpty() ? "killed at its time limit" : exit.remark();
  }

  private static String time(Optional<Instant> time) {
    return time.map(Instant::toString).orElse(NEVER);
  }
}
