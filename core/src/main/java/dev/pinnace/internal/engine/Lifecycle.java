package dev.pinnace.internal.engine;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.CorruptException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.TimedOutException;
import dev.pinnace.internal.container.LogReader;
import dev.pinnace.internal.durable.FaultPoints;
import dev.pinnace.internal.state.ContainerRecord;
import dev.pinnace.internal.waiting.Waits;
import dev.pinnace.linux.file.LockFile;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.ContainerSpec;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.ExitStatus;
import dev.pinnace.spec.Lifetime;
import dev.pinnace.spec.LogLine;
import dev.pinnace.spec.RunOptions;
import dev.pinnace.spec.RunResult;
import dev.pinnace.spi.isolation.ContainerPlace;
import dev.pinnace.spi.isolation.ExitRecord;
import dev.pinnace.spi.isolation.RunRequest;
import dev.pinnace.spi.isolation.RunningContainer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts, ends and removes containers. Everything that changes one is done under its lock.
 * Thread-safe.
 */
final class Lifecycle {
  private static final Logger LOG = LoggerFactory.getLogger(Lifecycle.class);
  private static final Duration CLEAN_UP = Duration.ofSeconds(20);
  private static final Duration FOREVER = Duration.ofDays(10_000);

  private final Parts parts;
  private final LiveContainers live;
  private final Creation creation;

  /** Scoped containers that nobody has closed yet, with the locks that keep them from others. */
  private final Map<ContainerId, LockFile> scopes = new ConcurrentHashMap<>();

  private final EndRemovals removals;

  Lifecycle(Parts parts, LiveContainers live, Creation creation) {
    this.parts = parts;
    this.live = live;
    this.creation = creation;
    this.removals = new EndRemovals(parts.work());
  }

  /** Makes a container. */
  ContainerRecord create(ContainerSpec spec) {
    Creation.Made made = creation.make(spec);
    try (made) {
      parts.store().write(made.record());
      return made.record();
    } catch (RuntimeException | Error e) {
      discard(made.record());
      throw e;
    }
  }

  /**
   * Makes a container and starts it; it is recorded while it is set up.
   *
   * @param scoped whether it is removed on request only, even with auto-remove
   */
  ContainerRecord start(ContainerSpec spec, boolean scoped) {
    Creation.Made made = creation.make(spec);
    try (made) {
      ContainerRecord started = made.record().asStarted();
      if (scoped) {
        scopes.put(started.id(), parts.store().beginReading(started.id()));
      }
      RunningContainer container =
          launch(made.record(), Requests.of(started, place(started), made.mount()));
      if (!scoped) {
        removeAtEnd(started, container);
      }
      return started;
    } catch (RuntimeException | Error e) {
      endScope(made.record().id());
      discard(made.record());
      throw e;
    }
  }

  private void endScope(ContainerId id) {
    LockFile reading = scopes.remove(id);
    if (reading != null) {
      reading.close();
    }
  }

  /** Starts a container that is there. */
  void start(ContainerId id) {
    ContainerRecord record = record(id);
    try (LockFile lock = parts.store().lock(id)) {
      removeAtEnd(record, start(record, request -> request));
    }
  }

  /** The same; hands its output on and waits for its end. */
  ExitStatus startAttached(
      ContainerId id,
      Optional<InputStream> stdin,
      Consumer<byte[]> stdout,
      Consumer<byte[]> stderr) {
    ContainerRecord record = record(id);
    RunningContainer container;
    try (LockFile lock = parts.store().lock(id)) {
      container = start(record, request -> request.attached(stdin));
    }
    try {
      return ExitStatuses.of(Attached.handOn(container, stdout, stderr));
    } finally {
      removeAtEnd(record, container);
    }
  }

  /** Needs its lock. */
  private RunningContainer start(ContainerRecord record, UnaryOperator<RunRequest> adapted) {
    if (runs(record)) {
      throw new ConflictException("container " + record.name() + " runs already");
    }
    Endings.awaitRelease(parts.isolation(), place(record));
    try {
      parts.isolation().cleanUp(place(record));
      creation.restoreLayers(record);
      RunRequest request =
          Requests.of(
              record,
              place(record),
              parts.storage().open(parts.store().layer(record.id())).mount());
      return launch(record(record.id()), adapted.apply(request));
    } catch (RuntimeException | Error e) {
      removeUnstarted(record, e);
      throw e;
    }
  }

  /** What is removed at its end is removed too when it never begins. */
  private void removeUnstarted(ContainerRecord record, Throwable reason) {
    if (!record.spec().lifecycle().autoRemove()) {
      return;
    }
    Runnable removal =
        () -> {
          Endings.awaitRelease(parts.isolation(), place(record));
          delete(record);
        };
    Closing.undo(reason, () -> Waits.undisturbed(removal));
  }

  private RunningContainer launch(ContainerRecord before, RunRequest request) {
    creation.refresh(before);
    ContainerRecord record = before.asStarted();
    CompletableFuture<Void> recorded = recorded(before, record);
    RunningContainer container = startAndRecord(before, record, request, recorded);
    boolean bound = record.spec().lifecycle().lifetime() == Lifetime.BOUND;
    live.started(record.id(), container, bound);
    FaultPoints.reached("started");
    return container;
  }

  /**
   * A first start is written while the container is set up. That there was one before is written
   * first, so that nobody takes what is being set up for a container that has never run.
   */
  private CompletableFuture<Void> recorded(ContainerRecord before, ContainerRecord record) {
    if (!before.started()) {
      return CompletableFuture.runAsync(() -> parts.store().write(record), parts.work());
    }
    if (!before.equals(record)) {
      parts.store().write(record);
    }
    return CompletableFuture.completedFuture(null);
  }

  private RunningContainer startAndRecord(
      ContainerRecord before,
      ContainerRecord record,
      RunRequest request,
      CompletableFuture<Void> recorded) {
    try {
      return parts.isolation().start(request, recorded);
    } catch (RuntimeException e) {
      // The record may still be on its way to the disk: nothing may be removed before it has
      // arrived.
      if (!Waits.settle(recorded, CLEAN_UP)) {
        LOG.warn("writing the record of {} takes very long", record.name());
      }
      Closing.undo(e, () -> takeBack(before));
      throw StartFailures.explained(e, recorded, request.place().logs());
    }
  }

  /** A first start that did not come as far as a supervisor has not happened. */
  private void takeBack(ContainerRecord before) {
    boolean happened =
        before.started()
            || parts.isolation().isAlive(place(before))
            || parts.isolation().exitRecord(place(before)).isPresent();
    if (!happened && parts.store().isRecorded(before.id())) {
      parts.store().write(before);
    }
  }

  private void removeAtEnd(ContainerRecord record, RunningContainer container) {
    if (record.spec().lifecycle().autoRemove() && !scopes.containsKey(record.id())) {
      boolean bound = record.spec().lifecycle().lifetime() == Lifetime.BOUND;
      removals.add(record.id(), Optional.of(container), bound, () -> removeQuietly(record.id()));
    }
  }

  private void removeQuietly(ContainerId id) {
    try {
      removeEnded(id);
    } catch (NotFoundException gone) {
      LOG.debug("container {} was removed by somebody else", id.shortHex());
    } catch (RuntimeException e) {
      LOG.warn(
          "container {} cannot be removed at its end; the next engine on this root will: {}",
          id.shortHex(),
          e.getMessage());
      LOG.debug("the cause", e);
    }
  }

  private void removeEnded(ContainerId id) {
    try (LockFile lock = parts.store().lock(id)) {
      ContainerRecord record = record(id);
      if (runs(record)) {
        LOG.debug("container {} was started again before it could be removed", record.name());
        return;
      }
      Endings.awaitRelease(parts.isolation(), place(record));
      delete(record);
    }
  }

  /** Runs a container to its end; it is removed in the background. */
  RunResult run(ContainerSpec spec, RunOptions options) {
    Creation.Made made = creation.make(spec);
    ContainerRecord record = made.record().asStarted();
    RunRequest.Capture capture =
        new RunRequest.Capture(options.outputLimit().count(), options.endWhenFull());
    RunRequest request =
        Requests.of(record, place(record), made.mount())
            .captured(capture, options.stdin().map(ByteArrayInputStream::new));
    try (LockFile reading = beginReading(made)) {
      RunningContainer container = launchAndUnlock(made, request);
      Optional<ExitRecord> exit = awaitCaptured(container);
      Map<LogLine.Source, ByteArrayOutputStream> output = LogReader.bytes(request.place().logs());
      return new RunResult(
          ExitStatuses.ofRun(exit, options),
          bytes(output, LogLine.Source.STDOUT),
          bytes(output, LogLine.Source.STDERR),
          exit.map(ExitRecord::logDropped).orElse(0L));
    } finally {
      parts.store().freeName(record.name(), record.id());
      removeLater(record.id());
    }
  }

  /** Another engine that opens removes what has ended, but not before its output is read. */
  private LockFile beginReading(Creation.Made made) {
    try {
      return parts.store().beginReading(made.record().id());
    } catch (RuntimeException e) {
      made.close();
      throw e;
    }
  }

  /** While it runs others may look at it, and end it. */
  private RunningContainer launchAndUnlock(Creation.Made made, RunRequest request) {
    try (made) {
      return launch(made.record(), request);
    }
  }

  private static byte[] bytes(
      Map<LogLine.Source, ByteArrayOutputStream> output, LogLine.Source source) {
    return output.getOrDefault(source, new ByteArrayOutputStream()).toByteArray();
  }

  private Optional<ExitRecord> awaitCaptured(RunningContainer container) {
    try {
      return Waits.await(container.exit(), FOREVER, "the container's end");
    } catch (CancelledException e) {
      throw Endings.killed(container, e);
    }
  }

  private void removeLater(ContainerId id) {
    removals.add(id, live.connected(id), true, () -> removeQuietly(id));
  }

  private void discard(ContainerRecord record) {
    try (LockFile lock = parts.store().lock(record.id())) {
      delete(record);
    } catch (NotFoundException gone) {
      LOG.debug("container {} was removed by somebody else", record.name());
    } catch (RuntimeException e) {
      LOG.warn(
          "what was made of container {} cannot be removed; the next engine on this root will: {}",
          record.name(),
          e.getMessage());
      LOG.debug("the cause", e);
    }
  }

  /**
   * Stops a container and starts it again, under its lock throughout: one that is removed at its
   * end is kept.
   */
  void restart(ContainerId id, Optional<Duration> grace) {
    ContainerRecord record = record(id);
    try (LockFile lock = parts.store().lock(id)) {
      stop(id, grace);
      removeAtEnd(record, start(record, request -> request));
    }
  }

  /** Removes a container. */
  void remove(ContainerId id, boolean force) {
    try (LockFile lock = parts.store().lock(id)) {
      Optional<ContainerRecord> readable = readable(id, force);
      if (readable.isEmpty()) {
        removeUnreadable(id);
        return;
      }
      ContainerRecord record = readable.get();
      if (!force && runs(record)) {
        throw new ConflictException(
            "container " + record.name() + " runs: stop it first, or force the removal");
      }
      if (force && runsOrIsKilled(place(record), () -> runs(record))) {
        live.find(id, place(record)).ifPresent(c -> Endings.end(c, record.name()));
      }
      Endings.awaitRelease(parts.isolation(), place(record));
      delete(record);
      endScope(id);
    } catch (NotFoundException gone) {
      endScope(id);
      throw gone;
    }
  }

  /** Whether it can be asked to end. One whose supervisor does not answer is ended by force. */
  private boolean runsOrIsKilled(ContainerPlace place, BooleanSupplier runs) {
    try {
      return runs.getAsBoolean();
    } catch (TimedOutException stuck) {
      if (!parts.isolation().killSupervisor(place)) {
        throw stuck;
      }
      LOG.warn("the supervisor of container {} was killed: {}", place.id(), stuck.getMessage());
      return false;
    }
  }

  private Optional<ContainerRecord> readable(ContainerId id, boolean force) {
    try {
      return Optional.of(record(id));
    } catch (CorruptException e) {
      if (!force) {
        throw new CorruptException(
            "container " + id.shortHex() + " can only be removed by force: " + e.getMessage(), e);
      }
      return Optional.empty();
    }
  }

  /** Removes a container of which its directories alone tell; needs the lock. */
  private void removeUnreadable(ContainerId id) {
    ContainerPlace place = parts.store().place(id, parts.store().isKept(id));
    if (runsOrIsKilled(place, () -> live.find(id, place).isPresent())) {
      live.find(id, place).ifPresent(container -> Endings.end(container, id.shortHex()));
    }
    Endings.awaitRelease(parts.isolation(), place);
    parts.isolation().cleanUp(place);
    remove(id, parts.store().nameOf(id), Optional.empty());
  }

  /**
   * Whether it runs. That its lock is held does not tell: somebody may be asking, or a process that
   * a thread of this JVM has forked may not have reached its execve.
   */
  private boolean runs(ContainerRecord record) {
    if (!parts.isolation().isAlive(place(record))) {
      return false;
    }
    return live.ask(record.id(), place(record), RunningContainer::status)
        .filter(status -> status.phase() != RunningContainer.Phase.EXITED)
        .isPresent();
  }

  private void delete(ContainerRecord record) {
    parts.isolation().cleanUp(place(record));
    remove(record.id(), Optional.of(record.name()), Optional.of(record.imageId()));
  }

  private void remove(ContainerId id, Optional<String> name, Optional<Digest> image) {
    parts
        .images()
        .release(
            image,
            () ->
                parts
                    .store()
                    .remove(id, name, () -> parts.storage().delete(parts.store().layer(id))));
  }

  /** Sends the stop signal and waits for the end. */
  void stop(ContainerId id, Optional<Duration> wanted) {
    if (wanted.filter(Duration::isNegative).isPresent()) {
      throw new InvalidSpecException(
          "the time before SIGKILL cannot be negative: "
              + wanted.get()
              + "; give a long one to wait");
    }
    Optional<Duration> grace = wanted.map(Lifecycle::atMostForever);
    ContainerRecord record = record(id);
    Optional<RunningContainer> running = live.find(id, place(record));
    if (running.isEmpty()) {
      return;
    }
    Endings.askToStop(running.get(), record.name(), Optional.empty(), grace);
    Duration patience =
        grace.orElse(atMostForever(record.spec().lifecycle().stopTimeout())).plus(CLEAN_UP);
    Waits.await(running.get().exit(), patience, "container " + record.name() + " to stop");
    Waits.await(running.get().gone(), CLEAN_UP, "the end of the supervisor of " + record.name());
  }

  private static Duration atMostForever(Duration duration) {
    return duration.compareTo(FOREVER) < 0 ? duration : FOREVER;
  }

  ContainerRecord record(ContainerId id) {
    return parts
        .store()
        .read(id)
        .orElseThrow(() -> new NotFoundException("there is no container " + id.shortHex()));
  }

  /**
   * The same, from memory while this engine is connected to the container: what it runs with does
   * not change before its end, and one that is removed has ended.
   */
  ContainerRecord recordOfRunning(ContainerId id) {
    return live.connected(id)
        .filter(container -> !container.exit().isDone())
        .flatMap(container -> parts.store().remembered(id))
        .orElseGet(() -> record(id));
  }

  ContainerPlace place(ContainerRecord record) {
    return parts.store().place(record.id(), !record.spec().lifecycle().autoRemove());
  }

  /** The connection to a container that runs. */
  RunningContainer running(ContainerId id) {
    return running(record(id));
  }

  RunningContainer running(ContainerRecord record) {
    return live.find(record.id(), place(record))
        .filter(c -> !c.exit().isDone())
        .orElseThrow(() -> new ConflictException("container " + record.name() + " does not run"));
  }

  /** Ends the containers that are bound to this engine, all at once. */
  void endBound(Duration closeTimeout) {
    Endings.stopAll(live, id -> grace(id, atMostForever(closeTimeout)));
    Closing closing = new Closing();
    for (ContainerId id : scopes.keySet()) {
      closing.step(() -> removeQuietly(id));
      endScope(id);
    }
    closing.end();
  }

  /** Its own time to stop, where that is the shorter one. */
  private Duration grace(ContainerId id, Duration closeTimeout) {
    try {
      Duration own = recordOfRunning(id).spec().lifecycle().stopTimeout();
      return own.compareTo(closeTimeout) < 0 ? own : closeTimeout;
    } catch (RuntimeException e) { // the others are to be stopped whatever is wrong with this one
      LOG.debug("container {} has no time to stop of its own", id.shortHex(), e);
      return closeTimeout;
    }
  }

  /** Waits until what is removed at its end is removed. */
  void finishRemovals(Duration limit) {
    if (!removals.finishBound(limit)) {
      LOG.warn("containers are left to be removed by the next engine on this root");
    }
  }

  /** Waits for what has ended and is being removed: until then it seems to use its image. */
  void finishEndedRemovals() {
    if (!removals.finishEnded(CLEAN_UP)) {
      LOG.warn("the removal of a container that has ended takes very long");
    }
  }
}
