package dev.pinnace.internal.engine;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.event.Event.Action;
import dev.pinnace.internal.container.LogReader;
import dev.pinnace.internal.durable.BootId;
import dev.pinnace.internal.durable.FaultPoints;
import dev.pinnace.internal.state.ContainerRecord;
import dev.pinnace.internal.waiting.Waits;
import dev.pinnace.linux.Opened;
import dev.pinnace.linux.file.LockFile;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.ContainerSpec;
import dev.pinnace.spec.ExitStatus;
import dev.pinnace.spec.FileSpec;
import dev.pinnace.spec.Lifetime;
import dev.pinnace.spec.LogLine;
import dev.pinnace.spec.RunOptions;
import dev.pinnace.spec.RunResult;
import dev.pinnace.spec.Signal;
import dev.pinnace.spi.isolation.AttachRequest;
import dev.pinnace.spi.isolation.ContainerPlace;
import dev.pinnace.spi.isolation.ExitRecord;
import dev.pinnace.spi.isolation.RunRequest;
import dev.pinnace.spi.isolation.RunningContainer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes, starts and ends containers. Everything that changes one is done under its lock.
 * Thread-safe.
 */
final class Lifecycle {
  private static final Logger LOG = LoggerFactory.getLogger(Lifecycle.class);
  private static final Duration CLEAN_UP = Duration.ofSeconds(20);
  private static final Duration BETWEEN_STOPS = Duration.ofMillis(200);

  private final Parts parts;
  private final LiveContainers live;
  private final Events events;
  private final Creation creation;
  private final Sharing sharing;
  private final ContainerLinks links;
  private final ContainerNetworks networks;
  private final ContainerLookup lookup;
  private final ContainerRemovals removals;
  private final Starts starts;
  private final HealthChecks health;
  private final ContainerCopies copies;
  private final VolumeMounts mounts;

  /** Calls that read the output of what has ended, and have it removed. */
  private final Map<Object, CompletableFuture<Void>> runs = new ConcurrentHashMap<>();

  Lifecycle(
      Parts parts,
      LiveContainers live,
      Events events,
      Creation creation,
      Sharing sharing,
      ContainerLinks links,
      ContainerNetworks networks,
      ContainerLookup lookup,
      ContainerRemovals removals,
      Starts starts,
      HealthChecks health,
      ContainerCopies copies,
      VolumeMounts mounts) {
    this.parts = parts;
    this.live = live;
    this.events = events;
    this.creation = creation;
    this.sharing = sharing;
    this.links = links;
    this.networks = networks;
    this.lookup = lookup;
    this.removals = removals;
    this.starts = starts;
    this.health = health;
    this.copies = copies;
    this.mounts = mounts;
  }

  /** Makes a container. */
  ContainerRecord create(ContainerSpec spec) {
    try (Starts.Start start = starts.begin()) {
      Creation.Made made = creation.make(spec);
      ContainerRecord created =
          orDiscard(
              made,
              () -> {
                copies.prepare(made.record(), spec.files());
                parts.store().write(made.record());
                return made.record();
              });
      events.tell(created, Action.CREATE);
      return created;
    }
  }

  /** What is made is removed, still under its lock, if {@code work} fails. */
  private <T> T orDiscard(Creation.Made made, Supplier<T> work) {
    T done;
    try {
      done = work.get();
    } catch (RuntimeException | Error e) {
      removals.discard(made, e);
      throw e;
    }
    made.close();
    return done;
  }

  /** The same with {@code work} that starts it, and tells once it is recorded. */
  private <T> T orDestroy(Creation.Made made, Function<Runnable, T> work) {
    AtomicBoolean told = new AtomicBoolean();
    Runnable telling =
        () -> {
          told.set(true);
          events.tell(made.record(), Action.CREATE);
        };
    try {
      return orDiscard(made, () -> work.apply(telling));
    } catch (RuntimeException | Error e) {
      if (told.get()) {
        events.tell(made.record(), Action.DESTROY);
      }
      throw e;
    }
  }

  /**
   * Makes a container and starts it; it is recorded while it is set up.
   *
   * @param scoped whether it is removed on request only, even with auto-remove
   */
  ContainerRecord start(ContainerSpec spec, boolean scoped) {
    try (Starts.Start start = starts.begin()) {
      Creation.Made made = creation.make(spec);
      return orDestroy(made, telling -> start(start, made, spec.files(), scoped, telling));
    }
  }

  private ContainerRecord start(
      Starts.Start start,
      Creation.Made made,
      List<FileSpec> files,
      boolean scoped,
      Runnable telling) {
    ContainerRecord started = made.record().asStarted(BootId.current());
    prepare(started, files);
    if (scoped) {
      removals.beginScope(started.id());
    }
    RunningContainer container =
        launch(start, made.record(), Requests.of(parts, started, made.mount()), telling);
    if (!scoped) {
      removals.atEnd(started, container);
    }
    return started;
  }

  /** Nothing is copied, to a volume for instance, for a container that cannot start. */
  private void prepare(ContainerRecord record, List<FileSpec> files) {
    if (!files.isEmpty()) {
      sharing.ensureRunning(record);
      copies.prepare(record, files);
    }
  }

  /** Starts a container that is there. */
  void start(ContainerId id) {
    try (LockFile lock = parts.store().lock(id)) {
      ContainerRecord record = lookup.record(id);
      removals.atEnd(record, start(record, request -> request));
    }
  }

  /** The same, unless it runs or is not {@linkplain Revivals due}: somebody else may have been. */
  void revive(ContainerId id) {
    try (LockFile lock = parts.store().lock(id)) {
      ContainerRecord record = lookup.record(id);
      ContainerPlace place = lookup.place(record);
      if (!lookup.runs(record)
          && Revivals.isDue(record, place, () -> parts.isolation().exitRecord(place))) {
        removals.atEnd(record, start(record, request -> request));
      }
    }
  }

  /** The same; somebody is attached before its program begins. */
  RunningContainer start(ContainerId id, AttachRequest attachment) {
    try (LockFile lock = parts.store().lock(id)) {
      ContainerRecord record = lookup.record(id);
      RunningContainer container = start(record, request -> request.attached(attachment));
      removals.atEnd(record, container);
      return container;
    }
  }

  /** The same; hands its output on and waits for its end. */
  ExitStatus startAttached(
      ContainerId id,
      Optional<InputStream> stdin,
      Consumer<byte[]> stdout,
      Consumer<byte[]> stderr) {
    ContainerRecord record;
    RunningContainer container;
    try (LockFile lock = parts.store().lock(id)) {
      record = lookup.record(id);
      requireNoTerminal(record);
      container = start(record, request -> request.attached(stdin));
    }
    try {
      return ExitStatuses.of(Attached.handOn(container, stdout, stderr));
    } finally {
      removals.atEnd(record, container);
    }
  }

  /** A terminal does not wait for who reads it. */
  private static void requireNoTerminal(ContainerRecord record) {
    if (record.spec().process().terminal()) {
      throw new InvalidSpecException(
          "container \""
              + record.name()
              + "\" has a terminal, which does not wait for a reader: start it with AttachOptions");
    }
  }

  /** Needs its lock. */
  private RunningContainer start(ContainerRecord record, UnaryOperator<RunRequest> adapted) {
    if (lookup.runs(record)) {
      throw new ConflictException("container \"" + record.name() + "\" runs already");
    }
    Endings.awaitRelease(parts.isolation(), lookup.place(record));
    try (Starts.Start start = starts.begin()) {
      start.ensureWanted();
      return startAgain(start, record, adapted);
    }
  }

  private RunningContainer startAgain(
      Starts.Start start, ContainerRecord record, UnaryOperator<RunRequest> adapted) {
    try {
      parts.isolation().cleanUp(lookup.place(record));
      creation.restoreLayers(record);
      RunRequest request =
          Requests.of(
              parts, record, parts.storage().open(parts.store().layer(record.id())).mount());
      return launch(start, lookup.record(record.id()), adapted.apply(request), () -> {});
    } catch (RuntimeException | Error e) {
      removals.unstarted(record, e);
      throw e;
    }
  }

  /**
   * Starts a container.
   *
   * @param whenRecorded of its first start, before its program begins
   */
  private RunningContainer launch(
      Starts.Start start, ContainerRecord before, RunRequest request, Runnable whenRecorded) {
    start.ensureWanted();
    List<String> own = request.config().process().env();
    RunRequest joining =
        request
            .joining(sharing.running(before))
            .withEnv(ContainerLinks.under(own, links.required(before)));
    creation.refresh(before);
    ContainerRecord record;
    RunningContainer container;
    try (Opened memory = mounts.reserveMemory(before);
        AttachedNetworks network = networks.attach(before)) {
      record = before.asStarted(BootId.current()).published(network.ports());
      RunRequest mounted =
          mounts.mounted(record, record.id(), joining).inNetwork(network.namespace());
      CompletableFuture<Void> recorded = recorded(before, record, whenRecorded);
      container = startAndRecord(start, before, mounted.telling(events.target(record)), recorded);
      heldOrEnded(network, container);
    } catch (RuntimeException | Error e) {
      Closing.undo(e, () -> mounts.unmount(before.id()));
      throw e;
    }
    mounts.started(record, container);
    networks.started(record, container);
    boolean bound = record.spec().lifecycle().lifetime() == Lifetime.BOUND;
    live.started(record.id(), container, bound);
    health.inView(record, container);
    FaultPoints.reached("started");
    return container;
  }

  /** Without its network a container that has begun is of no use, and nobody would end it. */
  private static void heldOrEnded(AttachedNetworks network, RunningContainer container) {
    try {
      network.heldBy(container);
    } catch (RuntimeException | Error e) {
      String id = container.place().id().toString();
      Closing.undo(e, () -> Waits.undisturbed(() -> Endings.end(container, id)));
      Closing.undo(e, container::close);
      throw e;
    }
  }

  /**
   * A first start is written while the container is set up. That there was one before is written
   * first, so that nobody takes what is being set up for a container that has never run.
   */
  private CompletableFuture<Void> recorded(
      ContainerRecord before, ContainerRecord record, Runnable whenRecorded) {
    if (!before.started()) {
      return CompletableFuture.runAsync(
          () -> {
            parts.store().write(record);
            whenRecorded.run();
          },
          parts.work());
    }
    if (!before.equals(record)) {
      parts.store().write(record);
    }
    return CompletableFuture.completedFuture(null);
  }

  private RunningContainer startAndRecord(
      Starts.Start start,
      ContainerRecord before,
      RunRequest request,
      CompletableFuture<Void> recorded) {
    CompletableFuture<Void> gate = start.after(recorded);
    try {
      return parts.isolation().start(request, gate);
    } catch (RuntimeException e) {
      // The record may still be on its way to the disk: nothing may be removed before it has
      // arrived.
      if (!Waits.settle(recorded, CLEAN_UP)) {
        LOG.warn("writing the record of {} takes very long", before.name());
      }
      Closing.undo(e, () -> Waits.undisturbed(() -> takeBack(before, gate)));
      throw StartFailures.explained(e, gate, request.place().logs());
    }
  }

  /**
   * A first start that did not come as far as a supervisor, or was called off, has not happened.
   */
  private void takeBack(ContainerRecord before, CompletableFuture<Void> gate) {
    // A supervisor of which nothing more is heard has been told to end.
    Endings.awaitRelease(parts.isolation(), lookup.place(before));
    boolean happened =
        before.started()
            || (!gate.isCompletedExceptionally()
                && parts.isolation().exitRecord(lookup.place(before)).isPresent());
    if (!happened && parts.store().isRecorded(before.id())) {
      parts.store().write(before);
    }
  }

  /** Runs a container to its end; it is removed in the background. */
  RunResult run(ContainerSpec spec, RunOptions options) {
    requireNoTerminal(spec, options);
    Object call = new Object();
    CompletableFuture<Void> over = new CompletableFuture<>();
    runs.put(call, over);
    try {
      return runToItsEnd(spec, options);
    } finally {
      runs.remove(call);
      over.complete(null);
    }
  }

  /** A terminal has no end to read. */
  private static void requireNoTerminal(ContainerSpec spec, RunOptions options) {
    if (spec.process().terminal() && options.stdin().isPresent()) {
      throw new InvalidSpecException(
          "a container of "
              + spec.image()
              + " with a terminal cannot be run with bytes to read: start it with AttachOptions,"
              + " or leave one of the two out");
    }
  }

  private RunResult runToItsEnd(ContainerSpec spec, RunOptions options) {
    try (Starts.Start start = starts.begin()) {
      Creation.Made made = creation.make(spec);
      try (LockFile reading = beginReading(made)) {
        // While it runs others may look at it, and end it: its lock is free.
        RunningContainer container =
            orDestroy(
                made,
                telling -> {
                  prepare(made.record(), spec.files());
                  return launch(start, made.record(), captured(made, options), telling);
                });
        start.succeeded();
        return result(container, made.record(), options);
      }
    }
  }

  private RunRequest captured(Creation.Made made, RunOptions options) {
    ContainerRecord record = made.record().asStarted(BootId.current());
    RunRequest.Capture capture =
        new RunRequest.Capture(options.outputLimit().count(), options.endWhenFull());
    return Requests.of(parts, record, made.mount())
        .captured(capture, options.stdin().map(ByteArrayInputStream::new));
  }

  private RunResult result(RunningContainer container, ContainerRecord record, RunOptions options) {
    RunResult result;
    try {
      Optional<ExitRecord> exit = awaitCaptured(container);
      FaultPoints.reached("run ended");
      Map<LogLine.Source, ByteArrayOutputStream> output = LogReader.bytes(container.place().logs());
      result =
          new RunResult(
              ExitStatuses.ofRun(exit, options),
              bytes(output, LogLine.Source.STDOUT),
              bytes(output, LogLine.Source.STDERR),
              Bytes.of(exit.map(ExitRecord::logDropped).orElse(0L)));
    } catch (RuntimeException | Error e) {
      Closing.undo(e, () -> letGo(record));
      throw e;
    }
    letGo(record);
    return result;
  }

  /** Its name is free, and it is removed in the background. */
  private void letGo(ContainerRecord record) {
    Closing steps = new Closing();
    steps.step(() -> parts.store().names().free(record.name(), record.id()));
    steps.step(() -> removals.later(record.id()));
    steps.end();
  }

  /** Another engine that opens removes what has ended, but not before its output is read. */
  private LockFile beginReading(Creation.Made made) {
    try {
      return parts.store().beginReading(made.record().id());
    } catch (RuntimeException e) {
      removals.discard(made, e);
      throw e;
    }
  }

  private static byte[] bytes(
      Map<LogLine.Source, ByteArrayOutputStream> output, LogLine.Source source) {
    return output.getOrDefault(source, new ByteArrayOutputStream()).toByteArray();
  }

  private Optional<ExitRecord> awaitCaptured(RunningContainer container) {
    try {
      return Waits.await(container.exit(), Waits.FOREVER, "the container's end");
    } catch (CancelledException e) {
      throw Endings.killed(container, e);
    }
  }

  /**
   * Stops a container and starts it again, under its lock throughout: one that is removed at its
   * end is kept.
   */
  void restart(ContainerId id, Optional<Signal> signal, Optional<Duration> grace) {
    try (LockFile lock = parts.store().lock(id)) {
      ContainerRecord record = lookup.record(id);
      stop(id, signal, grace);
      removals.atEnd(record, start(record, request -> request));
      events.tell(record, Action.RESTART);
    }
  }

  /** Sends the stop signal, or another, and waits for the end. */
  void stop(ContainerId id, Optional<Signal> signal, Optional<Duration> wanted) {
    if (wanted.filter(Duration::isNegative).isPresent()) {
      throw new InvalidSpecException(
          "the time before SIGKILL cannot be negative: "
              + wanted.get()
              + "; give a long one to wait");
    }
    Optional<Duration> grace = wanted.map(Lifecycle::atMostForever);
    ContainerRecord record = lookup.record(id);
    Optional<RunningContainer> running = live.find(id, lookup.place(record));
    if (running.isEmpty()) {
      return;
    }
    events.tellSignal(record, signal.orElse(record.stopSignal()));
    Endings.askToStop(running.get(), record.name(), signal, grace);
    Duration patience =
        grace.orElse(atMostForever(record.spec().lifecycle().stopTimeout())).plus(CLEAN_UP);
    Waits.await(running.get().exit(), patience, "container " + record.name() + " to stop");
    Waits.await(running.get().gone(), CLEAN_UP, "the end of the supervisor of " + record.name());
    events.tell(record, Action.STOP);
  }

  private static Duration atMostForever(Duration duration) {
    return duration.compareTo(Waits.FOREVER) < 0 ? duration : Waits.FOREVER;
  }

  /**
   * Ends the containers that are bound to this engine, all at once, and the calls that run some.
   */
  void endBound(Duration closeTimeout) {
    long end = System.nanoTime() + CLEAN_UP.toNanos();
    do { // a run that has just begun may start one more
      Endings.stopAll(live, parts.work(), id -> grace(id, atMostForever(closeTimeout)));
    } while (!Waits.settle(runsAreOver(), BETWEEN_STOPS)
        && System.nanoTime() < end
        && !Thread.currentThread().isInterrupted());
    Closing closing = new Closing();
    removals.endScopes(closing);
    closing.end();
  }

  private CompletableFuture<Void> runsAreOver() {
    return CompletableFuture.allOf(runs.values().toArray(CompletableFuture<?>[]::new));
  }

  /** Its own time to stop, where that is the shorter one. */
  private Duration grace(ContainerId id, Duration closeTimeout) {
    try {
      Duration own = lookup.recordOfRunning(id).spec().lifecycle().stopTimeout();
      return own.compareTo(closeTimeout) < 0 ? own : closeTimeout;
    } catch (RuntimeException e) { // the others are to be stopped whatever is wrong with this one
      LOG.debug("container {} has no time to stop of its own", id.shortHex(), e);
      return closeTimeout;
    }
  }
}
