package dev.pinnace.spi.isolation;

import dev.pinnace.oci.RuntimeConfig;
import dev.pinnace.spec.LifecycleSpec;
import dev.pinnace.spec.Lifetime;
import dev.pinnace.spec.Signal;
import dev.pinnace.spi.storage.RootMount;
import java.io.InputStream;
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
 * @param restartsBefore restarts under an earlier supervisor
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
    int restartsBefore) {
  /**
   * How output is kept for a result.
   *
   * @param bytes at most so many, of both streams together
   * @param endWhenFull whether more output ends the container
   */
  public record Capture(long bytes, boolean endWhenFull) {}

  /** The same, fed and captured for a result. */
  public RunRequest with(Capture newCapture, Optional<InputStream> newStdin) {
    return new RunRequest(
        name,
        place,
        config,
        root,
        seccomp,
        init,
        lifetime,
        lifecycle,
        stopSignal,
        durable,
        Optional.of(newCapture),
        newStdin,
        restartsBefore);
  }

  /** The same with something to read. */
  public RunRequest withStdin(InputStream stream) {
    return new RunRequest(
        name,
        place,
        config,
        root,
        seccomp,
        init,
        lifetime,
        lifecycle,
        stopSignal,
        durable,
        capture,
        Optional.of(stream),
        restartsBefore);
  }
}
