package dev.pinnace.spi.isolation;

import dev.pinnace.oci.RuntimeConfig;
import dev.pinnace.oci.RuntimeConfig.NamespaceType;
import dev.pinnace.oci.RuntimeProcess.ConsoleSize;
import dev.pinnace.spec.LifecycleSpec;
import dev.pinnace.spec.Lifetime;
import dev.pinnace.spec.RestartPolicy;
import dev.pinnace.spec.Signal;
import dev.pinnace.spi.storage.RootMount;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One container to start.
 *
 * @param name for messages
 * @param place where it lives
 * @param config what it is
 * @param root its root file system
 * @param seccomp text of a profile in Docker's format; empty for none
 * @param init whether process 1 reaps orphans and passes signals on
 * @param lifetime whether it ends with this engine
 * @param lifecycle stop, restart, time limit, logs
 * @param stopSignal what stop sends
 * @param durable whether the exit record is forced to the disk
 * @param capture keeps the first bytes of the output instead of rotating, for a result
 * @param stdin what its first process reads; it is not closed. Empty for nothing
 * @param attached whether whoever starts it takes its output, see {@link RunningContainer#output}
 * @param events where its starts and ends are told; empty for nowhere
 * @param stdinOpen whether those who are attached feed it, where it has no terminal and no stdin
 * @param stdinOnce whether the end of what one of them sends is the end of its input
 * @param attachment who is attached before its program begins
 * @param joined those whose namespaces it joins, by type; empty where it is only checked
 * @param network a network namespace that was made for it, with interfaces that are complete, open
 *     in this JVM as {@code /proc/self/fd/N} while it is started; empty where it joins none
 */
public record RunRequest(
    String name,
    ContainerPlace place,
    RuntimeConfig config,
    RootMount root,
    Optional<String> seccomp,
    boolean init,
    Lifetime lifetime,
    LifecycleSpec lifecycle,
    Signal stopSignal,
    boolean durable,
    Optional<Capture> capture,
    Optional<InputStream> stdin,
    boolean attached,
    Optional<EventTarget> events,
    boolean stdinOpen,
    boolean stdinOnce,
    Optional<AttachRequest> attachment,
    Map<NamespaceType, RunningContainer> joined,
    Optional<Path> network) {
  public RunRequest {
    joined = Map.copyOf(joined);
  }

  /**
   * How output is kept for a result.
   *
   * @param bytes at most so many, of both streams together
   * @param endWhenFull whether more output ends the container
   */
  public record Capture(long bytes, boolean endWhenFull) {}

  /** The same with other variables. */
  public RunRequest withEnv(List<String> variables) {
    return with(
        config.withProcess(config.process().withEnv(variables)),
        capture,
        stdin,
        attached,
        events,
        attachment,
        joined,
        network);
  }

  /** The same, fed and captured for a result. */
  public RunRequest captured(Capture newCapture, Optional<InputStream> newStdin) {
    return with(
        config, Optional.of(newCapture), newStdin, false, events, attachment, joined, network);
  }

  /** The same, fed and its output taken by whoever starts it. */
  public RunRequest attached(Optional<InputStream> newStdin) {
    return with(config, Optional.empty(), newStdin, true, events, attachment, joined, network);
  }

  /** The same, its starts and ends told. */
  public RunRequest telling(EventTarget target) {
    return with(config, capture, stdin, attached, Optional.of(target), attachment, joined, network);
  }

  /** The same, joining the namespaces of those. */
  public RunRequest joining(Map<NamespaceType, RunningContainer> others) {
    return with(config, capture, stdin, attached, events, attachment, others, network);
  }

  /** The same in a network namespace that was made for it. */
  public RunRequest inNetwork(Optional<Path> namespace) {
    return with(config, capture, stdin, attached, events, attachment, joined, namespace);
  }

  /** The same with these mounts. */
  public RunRequest mounting(List<RuntimeConfig.Mount> mounts) {
    return with(
        config.withMounts(mounts), capture, stdin, attached, events, attachment, joined, network);
  }

  /** The same, and somebody is attached from the beginning. */
  public RunRequest attached(AttachRequest request) {
    Optional<ConsoleSize> size =
        request.size().map(terminal -> new ConsoleSize(terminal.rows(), terminal.columns()));
    return with(
        config.withConsoleSize(size),
        capture,
        stdin,
        attached,
        events,
        Optional.of(request),
        joined,
        network);
  }

  /** The same with a root that can be written to, whatever its program may. */
  public RunRequest writable() {
    return with(config.writable(), capture, stdin, attached, events, attachment, joined, network);
  }

  /** The same at another place, to be {@linkplain IsolationBackend#mount mounted} there. */
  public RunRequest heldAt(ContainerPlace other) {
    return new RunRequest(
        name,
        other,
        config.filesOnly(),
        root,
        seccomp,
        init,
        Lifetime.BOUND,
        new LifecycleSpec(
            Lifetime.BOUND,
            false,
            RestartPolicy.never(),
            Optional.empty(),
            lifecycle.stopTimeout(),
            Optional.empty(),
            lifecycle.log()),
        stopSignal,
        false,
        Optional.empty(),
        Optional.empty(),
        false,
        Optional.empty(),
        false,
        false,
        Optional.empty(),
        Map.of(),
        Optional.empty());
  }

  private RunRequest with(
      RuntimeConfig newConfig,
      Optional<Capture> newCapture,
      Optional<InputStream> newStdin,
      boolean newAttached,
      Optional<EventTarget> newEvents,
      Optional<AttachRequest> newAttachment,
      Map<NamespaceType, RunningContainer> newJoined,
      Optional<Path> newNetwork) {
    return new RunRequest(
        name,
        place,
        newConfig,
        root,
        seccomp,
        init,
        lifetime,
        lifecycle,
        stopSignal,
        durable,
        newCapture,
        newStdin,
        newAttached,
        newEvents,
        stdinOpen,
        stdinOnce,
        newAttachment,
        newJoined,
        newNetwork);
  }
}
