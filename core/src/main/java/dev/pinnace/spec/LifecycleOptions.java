package dev.pinnace.spec;

import dev.pinnace.error.InvalidSpecException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How a container begins and ends, as a builder collects it: {@link LifecycleSpec}. */
abstract class LifecycleOptions<B> extends NamespaceOptions<B> {
  private Lifetime lifetime = Lifetime.BOUND;
  private boolean autoRemove;
  private RestartPolicy restart = RestartPolicy.never();
  private @Nullable Signal stopSignal;
  private Duration stopTimeout = Duration.ofSeconds(10);
  private @Nullable Duration timeout;
  private LogSpec log = LogSpec.DEFAULT;

  /** Outlives this JVM. */
  public B detached() {
    this.lifetime = Lifetime.DETACHED;
    return self();
  }

  /**
   * Is removed when it has ended: by the engine that started it, as long as that is open. A {@link
   * #detached} one that ends later keeps its files until the next engine opens on the root, for its
   * supervisor knows nothing of layers and names.
   */
  public B autoRemove() {
    if (restart.kind() != RestartPolicy.Kind.NO) {
      throw conflict("autoRemove", "the restart policy " + restart);
    }
    this.autoRemove = true;
    return self();
  }

  /**
   * When it is started again; never by default.
   *
   * @throws InvalidSpecException with {@link #autoRemove}
   */
  public B restart(RestartPolicy policy) {
    Objects.requireNonNull(policy, "policy");
    if (autoRemove && policy.kind() != RestartPolicy.Kind.NO) {
      throw conflict("the restart policy " + policy, "autoRemove");
    }
    this.restart = policy;
    return self();
  }

  /** What asks it to stop, instead of the image's signal or SIGTERM. */
  public B stopSignal(Signal signal) {
    Objects.requireNonNull(signal, "signal");
    this.stopSignal = signal;
    return self();
  }

  /** Between stop signal and SIGKILL; 10 seconds by default. */
  public B stopTimeout(Duration grace) {
    Objects.requireNonNull(grace, "grace");
    this.stopTimeout = notNegative("the stop timeout", grace);
    return self();
  }

  /** The longest it may run by the wall clock; then it is killed. */
  public B timeout(Duration longest) {
    if (longest.isZero()) {
      throw new InvalidSpecException("a time limit of zero would let nothing run");
    }
    this.timeout = notNegative("the time limit", longest);
    return self();
  }

  /** How much of its output is kept: three files of 10 MiB by default. */
  public B log(LogSpec newLog) {
    Objects.requireNonNull(newLog, "newLog");
    this.log = newLog;
    return self();
  }

  final LifecycleSpec lifecycle() {
    return new LifecycleSpec(
        lifetime,
        autoRemove,
        restart,
        Optional.ofNullable(stopSignal),
        stopTimeout,
        Optional.ofNullable(timeout),
        log);
  }
}
