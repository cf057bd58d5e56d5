package dev.pinnace.internal.engine;

import dev.pinnace.error.ConflictException;
import dev.pinnace.error.CorruptException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.TimedOutException;
import dev.pinnace.internal.durable.FaultPoints;
import dev.pinnace.internal.state.ContainerRecord;
import dev.pinnace.internal.state.RunHealth;
import dev.pinnace.internal.volume.VolumeStore;
import dev.pinnace.spec.ContainerState;
import dev.pinnace.spec.ContainerStatus;
import dev.pinnace.spec.ExitStatus;
import dev.pinnace.spec.Health;
import dev.pinnace.spec.Mount;
import dev.pinnace.spec.VolumeSpec;
import dev.pinnace.spi.isolation.ExitRecord;
import dev.pinnace.spi.isolation.RunningContainer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells what containers are doing: the living are asked, for the others their files speak.
 * Thread-safe.
 */
final class States {
  private static final Logger LOG = LoggerFactory.getLogger(States.class);

  /** How long those who are asked together have for their answers. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** Of a container whose supervisor does not answer. */
  private static final RunningContainer.Status UNKNOWN =
      new RunningContainer.Status(
          RunningContainer.Phase.RUNNING,
          OptionalInt.empty(),
          0,
          Optional.empty(),
          Optional.empty());

  private final Parts parts;
  private final LiveContainers live;
  private final ContainerLookup lookup;

  States(Parts parts, LiveContainers live, ContainerLookup lookup) {
    this.parts = parts;
    this.live = live;
    this.lookup = lookup;
  }

  ContainerState of(ContainerRecord record) {
    return live.ask(record.id(), lookup.place(record), RunningContainer::status)
        .filter(status -> status.phase() != RunningContainer.Phase.EXITED) // its end is recorded
        .map(status -> alive(record, status))
        .orElseGet(() -> ended(record));
  }

  /**
   * The same of many, in their order. One that cannot be asked, or does not answer, must neither
   * hide nor delay the others: it runs, that is all.
   */
  List<ContainerState> of(List<ContainerRecord> records) {
    return new RollCall<>(parts.work(), this::listed, this::unanswered).answers(records, PATIENCE);
  }

  private ContainerState listed(ContainerRecord record) {
    try {
      return of(record);
    } catch (ConflictException | TimedOutException e) {
      return noMore(record, String.valueOf(e.getMessage()));
    } catch (NotFoundException e) {
      return ended(record, Optional.of(ExitStatuses.unknown("it was removed meanwhile")));
    }
  }

  private ContainerState unanswered(ContainerRecord record) {
    return parts.isolation().isAlive(lookup.place(record))
        ? noMore(
            record,
            "its supervisor did not answer within "
                + PATIENCE.toSeconds()
                + " s: it is stopped, or stuck; SIGCONT lets a stopped one go on")
        : listed(record);
  }

  private ContainerState noMore(ContainerRecord record, String reason) {
    LOG.warn("container {} runs, and no more can be told of it: {}", record.name(), reason);
    return alive(record, UNKNOWN);
  }

  private ContainerState alive(ContainerRecord record, RunningContainer.Status status) {
    return new ContainerState(
        record.id(),
        record.name(),
        record.imageId(),
        record.spec(),
        mounts(record),
        PublishedPorts.bindings(record),
        record.created(),
        word(status, record.again()),
        status.pid(),
        status.started(),
        status.restarts(),
        status.lastEnd().map(ExitStatuses::of),
        status.equals(UNKNOWN) ? lastHealth(record) : health(record, status.started()));
  }

  /** Volumes are where the root is now. */
  private List<Mount> mounts(ContainerRecord record) {
    return record.allMounts().stream()
        .map(
            mount ->
                mount
                    .volume()
                    .filter(VolumeStore::isDirectory)
                    .map(volume -> mount.found(volume, data(volume)))
                    .orElse(mount))
        .toList();
  }

  private Path data(VolumeSpec volume) {
    return parts.volumes().data(volume.name().orElseThrow());
  }

  private static ContainerStatus word(RunningContainer.Status status, boolean again) {
    return switch (status.phase()) {
      case STARTING ->
          again || status.restarts() > 0 ? ContainerStatus.RESTARTING : ContainerStatus.CREATED;
      case RUNNING, ENDING -> ContainerStatus.RUNNING;
      case PAUSED -> ContainerStatus.PAUSED;
      case RESTARTING -> ContainerStatus.RESTARTING;
      case EXITED -> ContainerStatus.EXITED;
    };
  }

  private ContainerState ended(ContainerRecord record) {
    return ended(
        record, record.started() ? Optional.of(exitAsFarAsKnown(record)) : Optional.empty());
  }

  private ContainerState ended(ContainerRecord record, Optional<ExitStatus> exit) {
    return new ContainerState(
        record.id(),
        record.name(),
        record.imageId(),
        record.spec(),
        mounts(record),
        PublishedPorts.bindings(record),
        record.created(),
        record.started() ? ContainerStatus.EXITED : ContainerStatus.CREATED,
        OptionalInt.empty(),
        exit.flatMap(ExitStatus::started),
        exit.map(ExitStatus::restarts).orElse(0),
        exit,
        exit.flatMap(ExitStatus::started).flatMap(run -> healthIn(record, run)));
  }

  /** In a run that has not been checked yet, or not begun, nothing is known. */
  Optional<Health> health(ContainerRecord record, Optional<Instant> run) {
    return record.health().isEmpty()
        ? Optional.empty()
        : run.flatMap(started -> healthIn(record, started)).or(() -> Optional.of(Health.UNKNOWN));
  }

  private Optional<Health> healthIn(ContainerRecord record, Instant run) {
    return written(record).filter(known -> known.started().equals(run)).map(RunHealth::health);
  }

  /** Of whichever run it is. */
  private Optional<Health> lastHealth(ContainerRecord record) {
    return written(record).map(RunHealth::health);
  }

  private Optional<RunHealth> written(ContainerRecord record) {
    return record.health().isEmpty() ? Optional.empty() : parts.store().health(record.id());
  }

  /** A damaged exit record says no more than none, and hides nothing else of the container. */
  private ExitStatus exitAsFarAsKnown(ContainerRecord record) {
    try {
      return exit(record);
    } catch (CorruptException e) {
      LOG.warn("nobody knows how container {} ended: {}", record.name(), e.getMessage());
      return ExitStatuses.unknown("its record is damaged");
    }
  }

  /**
   * How a container that does not run ended.
   *
   * @throws dev.pinnace.error.NotFoundException if it is gone by now: a record that went with it
   *     does not tell that nobody knows
   */
  ExitStatus exit(ContainerRecord record) {
    if (!record.started()) {
      throw new ConflictException("container " + record.name() + " was never started");
    }
    FaultPoints.reached("exit record sought");
    Optional<ExitRecord> written = parts.isolation().exitRecord(lookup.place(record));
    return ExitStatuses.of(written.isPresent() ? written : missing(lookup.record(record.id())));
  }

  /** Once more: the container may have been removed meanwhile, its record first. */
  private Optional<ExitRecord> missing(ContainerRecord record) {
    return parts.isolation().exitRecord(lookup.place(record));
  }
}
