package dev.pinnace.internal.engine;

import dev.pinnace.internal.state.ContainerRecord;
import dev.pinnace.internal.waiting.Waits;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spi.isolation.RunningContainer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The containers whose health this engine looks after while it has them in view. Those without a
 * check cost nothing. Thread-safe.
 */
final class HealthChecks {
  private static final Logger LOG = LoggerFactory.getLogger(HealthChecks.class);
  private static final Duration LAST_CHECKS = Duration.ofSeconds(5);

  private final Parts parts;
  private final Events events;
  private final Execs execs;
  private final Map<ContainerId, HealthWatch> watched = new ConcurrentHashMap<>();
  private volatile boolean closed;

  HealthChecks(Parts parts, Events events, Execs execs) {
    this.parts = parts;
    this.events = events;
    this.execs = execs;
  }

  /** Looks after it from now on, unless it has no check, or is looked after already. */
  void inView(ContainerRecord record, RunningContainer container) {
    if (record.health().isEmpty() || closed) {
      return;
    }
    HealthWatch unused =
        watched.compute(
            record.id(),
            (id, known) ->
                known != null && known.isOf(container) ? known : watch(record, container));
    if (closed) { // it may have come too late to be ended with the others
      List<HealthWatch> ended = endAll();
      LOG.debug("{} containers are not looked after any more", ended.size());
    }
  }

  private HealthWatch watch(ContainerRecord record, RunningContainer container) {
    HealthWatch watch = new HealthWatch(parts.store(), events, execs, record, container);
    try {
      parts.work().execute(() -> run(watch, record.id()));
    } catch (RejectedExecutionException closing) {
      watch.over().complete(null);
    }
    return watch;
  }

  private void run(HealthWatch watch, ContainerId id) {
    try {
      watch.run();
    } finally {
      watched.remove(id, watch);
      watch.over().complete(null);
    }
  }

  private List<HealthWatch> endAll() {
    List<HealthWatch> all = List.copyOf(watched.values());
    all.forEach(HealthWatch::end);
    return all;
  }

  /** Ends the checks; those that are under way are killed. */
  void close() {
    closed = true;
    boolean unused =
        Waits.settle(
            CompletableFuture.allOf(
                endAll().stream().map(HealthWatch::over).toArray(CompletableFuture<?>[]::new)),
            LAST_CHECKS);
  }
}
