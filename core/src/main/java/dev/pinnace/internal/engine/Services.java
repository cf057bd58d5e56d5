package dev.pinnace.internal.engine;

import dev.pinnace.internal.state.ContainerRecord;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spi.isolation.RunningContainer;
import java.util.Optional;

/** What handles work through. Thread-safe. */
record Services(
    Parts parts,
    LiveContainers live,
    Creation creation,
    Lifecycle lifecycle,
    States states,
    Execs execs) {
  static Services of(Parts parts) {
    LiveContainers live = new LiveContainers(parts.isolation());
    Creation creation = new Creation(parts);
    Lifecycle lifecycle = new Lifecycle(parts, live, creation);
    return new Services(
        parts,
        live,
        creation,
        lifecycle,
        new States(parts, live, lifecycle),
        new Execs(parts, lifecycle));
  }

  /** The connection to a container; empty if it does not run. */
  Optional<RunningContainer> connection(ContainerId id) {
    ContainerRecord record = lifecycle.record(id);
    return live.find(id, lifecycle.place(record));
  }
}
