package dev.pinnace.oci;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * How a container of an image starts unless told otherwise: the {@code config} member of an {@link
 * ImageConfig}, with Docker's additions.
 *
 * @param user {@code user[:group]}, names or numbers; empty is root
 * @param env {@code NAME=value}
 * @param entrypoint the program and its first arguments; empty where there is none
 * @param cmd the default arguments, or the program where there is no entry point
 * @param workingDir the working directory; empty is {@code /}
 * @param exposedPorts {@code 80/tcp}; says what the program listens on and opens nothing
 * @param volumes paths that hold data of their own
 * @param labels arbitrary metadata
 * @param stopSignal the signal that asks the program to end; SIGTERM where there is none
 * @param healthcheck how to see whether the program works (Docker)
 * @param shell the shell of the shell form of instructions (Docker); empty is {@code /bin/sh -c}
 * @param onBuild instructions that run when an image is built on this one (Docker)
 */
public record ExecutionConfig(
    String user,
    List<String> env,
    List<String> entrypoint,
    List<String> cmd,
    String workingDir,
    SortedSet<String> exposedPorts,
    SortedSet<String> volumes,
    Map<String, String> labels,
    Optional<String> stopSignal,
    Optional<ImageHealthcheck> healthcheck,
    List<String> shell,
    List<String> onBuild) {
  public ExecutionConfig {
    env = List.copyOf(env);
    entrypoint = List.copyOf(entrypoint);
    cmd = List.copyOf(cmd);
    exposedPorts = Collections.unmodifiableSortedSet(new TreeSet<>(exposedPorts));
    volumes = Collections.unmodifiableSortedSet(new TreeSet<>(volumes));
    labels = Collections.unmodifiableMap(new TreeMap<>(labels));
    shell = List.copyOf(shell);
    onBuild = List.copyOf(onBuild);
  }

  /** One that says nothing but an environment and a command. */
  public static ExecutionConfig of(List<String> env, List<String> cmd) {
    return new ExecutionConfig(
        "",
        env,
        List.of(),
        cmd,
        "",
        Collections.emptySortedSet(),
        Collections.emptySortedSet(),
        Map.of(),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        List.of());
  }
}
