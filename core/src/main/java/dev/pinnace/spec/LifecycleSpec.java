package dev.pinnace.spec;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * How a container begins, ends and comes back.
 *
 * @param lifetime whether it ends with its engine
 * @param autoRemove whether it is removed when it has ended
 * @param restart when it is started again
 * @param stopSignal replaces the image's, which is SIGTERM by default
 * @param stopTimeout between the stop signal and SIGKILL
 * @param timeout the longest it may run, by the wall clock
 * @param log how much of its output is kept
 */
public record LifecycleSpec(
    Lifetime lifetime,
    boolean autoRemove,
    RestartPolicy restart,
    Optional<Signal> stopSignal,
    Duration stopTimeout,
    Optional<Duration> timeout,
    LogSpec log) {
  /** The same with another restart policy. */
  public LifecycleSpec withRestart(RestartPolicy policy) {
    return new LifecycleSpec(
        lifetime,
        autoRemove,
        Objects.requireNonNull(policy, "policy"),
        stopSignal,
        stopTimeout,
        timeout,
        log);
  }
}
