package dev.pinnace.internal.engine;

import dev.pinnace.Container;
import dev.pinnace.Containers;
import dev.pinnace.ScopedContainer;
import dev.pinnace.error.CorruptException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.internal.state.ContainerRecord;
import dev.pinnace.internal.state.ContainerStore;
import dev.pinnace.spec.ContainerFilter;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.ContainerSpec;
import dev.pinnace.spec.ContainerState;
import dev.pinnace.spec.LifecycleSpec;
import dev.pinnace.spec.Lifetime;
import dev.pinnace.spec.LogSpec;
import dev.pinnace.spec.PruneReport;
import dev.pinnace.spec.RestartPolicy;
import dev.pinnace.spec.RunOptions;
import dev.pinnace.spec.RunResult;
import java.io.UncheckedIOException;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Containers of an engine. */
final class EngineContainers implements Containers {
  private static final Logger LOG = LoggerFactory.getLogger(EngineContainers.class);

  private final Services services;

  EngineContainers(Services services) {
    this.services = services;
  }

  private Container handle(ContainerRecord record) {
    return new EngineContainer(services, record.id(), record.name());
  }

  @Override
  public Container create(ContainerSpec spec) {
    Objects.requireNonNull(spec, "spec");
    return handle(services.calls().of(() -> services.lifecycle().create(notReady(spec))));
  }

  @Override
  public Container start(ContainerSpec spec) {
    Objects.requireNonNull(spec, "spec");
    return handle(services.calls().of(() -> new ReadyStarts(services).start(spec, false)));
  }

  @Override
  public ScopedContainer scoped(ContainerSpec spec) {
    Objects.requireNonNull(spec, "spec");
    ContainerRecord record =
        services.calls().of(() -> new ReadyStarts(services).start(ephemeral(spec), true));
    return new EngineScopedContainer(services, record.id(), record.name());
  }

  @Override
  public RunResult run(ContainerSpec spec, RunOptions options) {
    Objects.requireNonNull(spec, "spec");
    Objects.requireNonNull(options, "options");
    return services.calls().of(() -> services.lifecycle().run(captured(spec), options));
  }

  /** What a captured run has no use for is refused, not left out. */
  private static ContainerSpec captured(ContainerSpec spec) {
    if (spec.lifecycle().lifetime() == Lifetime.DETACHED) {
      throw new InvalidSpecException(
          "a captured run ends with its call and cannot be detached: start the container instead");
    }
    if (!Objects.equals(spec.lifecycle().log(), LogSpec.DEFAULT)) { // which is the same, mostly
      throw new InvalidSpecException(
          "a captured run keeps its output for the result and has no log: give the run's options"
              + " an outputLimit instead");
    }
    return ephemeral(ReadyStarts.refuseReady(spec, "a captured run", "start the container"));
  }

  private static ContainerSpec notReady(ContainerSpec spec) {
    return ReadyStarts.refuseReady(
        spec, "create", "call start with the specification, or awaitReady after the start");
  }

  /** Bound to this engine and removed at its end. */
  private static ContainerSpec ephemeral(ContainerSpec spec) {
    LifecycleSpec asked = spec.lifecycle();
    if (asked.restart().kind() != RestartPolicy.Kind.NO) {
      throw new InvalidSpecException(
          "a container that is run or scoped is removed at its end, so it cannot have the restart"
              + " policy "
              + asked.restart()
              + ": leave that out, or create and start the container");
    }
    LifecycleSpec lifecycle =
        new LifecycleSpec(
            Lifetime.BOUND,
            true,
            asked.restart(),
            asked.stopSignal(),
            asked.stopTimeout(),
            asked.timeout(),
            asked.log());
    return spec.withLifecycle(lifecycle);
  }

  @Override
  public String explain(ContainerSpec spec) {
    Objects.requireNonNull(spec, "spec");
    return services.calls().of(() -> services.creation().explain(spec));
  }

  @Override
  public Container get(String nameOrIdPrefix) {
    Objects.requireNonNull(nameOrIdPrefix, "nameOrIdPrefix");
    return find(nameOrIdPrefix)
        .orElseThrow(
            () -> new NotFoundException("there is no container \"" + nameOrIdPrefix + "\""));
  }

  @Override
  public Optional<Container> find(String nameOrIdPrefix) {
    Objects.requireNonNull(nameOrIdPrefix, "nameOrIdPrefix");
    return services.calls().of(() -> found(nameOrIdPrefix));
  }

  private Optional<Container> found(String nameOrIdPrefix) {
    return services.finder().find(nameOrIdPrefix).flatMap(this::handle);
  }

  private Optional<Container> handle(ContainerId id) {
    ContainerStore store = services.parts().store();
    try {
      return store.read(id).map(this::handle);
    } catch (CorruptException | UncheckedIOException damaged) {
      LOG.debug("{} is known by its id only: {}", id.shortHex(), Damage.reason(damaged), damaged);
      return Optional.of(
          new EngineContainer(services, id, store.names().of(id).orElse(id.shortHex())));
    }
  }

  @Override
  public List<ContainerState> list(ContainerFilter filter) {
    Objects.requireNonNull(filter, "filter");
    return services
        .calls()
        .of(
            () ->
                services.states().of(records()).stream()
                    .filter(filter::matches)
                    .sorted(Comparator.comparing(ContainerState::created).reversed())
                    .toList());
  }

  private List<ContainerRecord> records() {
    return services.parts().store().ids().stream()
        .filter(id -> !services.removals().isGoing(id))
        .map(this::record)
        .flatMap(Optional::stream)
        .toList();
  }

  /** One that is damaged must not hide the others. */
  private Optional<ContainerRecord> record(ContainerId id) {
    try {
      return services.parts().store().read(id);
    } catch (CorruptException | UncheckedIOException e) {
      LOG.warn("what container {} does is not known: {}", id.shortHex(), Damage.reason(e));
      return Optional.empty();
    }
  }

  @Override
  public PruneReport prune(ContainerFilter filter) {
    Objects.requireNonNull(filter, "filter");
    return services.calls().of(() -> new Pruning(services).containers(filter));
  }

  @Override
  public List<Container> damaged() {
    return services
        .calls()
        .of(
            () ->
                services.parts().store().ids().stream()
                    .filter(this::isDamaged)
                    .map(this::handle)
                    .flatMap(Optional::stream)
                    .toList());
  }

  private boolean isDamaged(ContainerId id) {
    try {
      services.parts().store().read(id);
      return false;
    } catch (CorruptException | UncheckedIOException damaged) {
      LOG.debug("{} is damaged: {}", id.shortHex(), Damage.reason(damaged), damaged);
      return true;
    }
  }

  @Override
  public String toString() {
    return "containers of " + services.parts().layout().root();
  }
}
