package dev.pinnace.internal.engine;

import dev.pinnace.Attachment;
import dev.pinnace.Container;
import dev.pinnace.Exec;
import dev.pinnace.Image;
import dev.pinnace.Logs;
import dev.pinnace.Subscription;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.CorruptException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.TimedOutException;
import dev.pinnace.event.Event.Action;
import dev.pinnace.internal.state.ContainerRecord;
import dev.pinnace.internal.waiting.Waits;
import dev.pinnace.spec.AttachOptions;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.Change;
import dev.pinnace.spec.CommitSpec;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.ContainerPaths;
import dev.pinnace.spec.ContainerState;
import dev.pinnace.spec.CopyOptions;
import dev.pinnace.spec.ExecResult;
import dev.pinnace.spec.ExecSpec;
import dev.pinnace.spec.ExitStatus;
import dev.pinnace.spec.Limits;
import dev.pinnace.spec.ProcessInfo;
import dev.pinnace.spec.Ready;
import dev.pinnace.spec.RestartPolicy;
import dev.pinnace.spec.Signal;
import dev.pinnace.spec.Stats;
import dev.pinnace.spec.WaitCondition;
import dev.pinnace.spi.isolation.ContainerPlace;
import dev.pinnace.spi.isolation.RunningContainer;
import dev.pinnace.spi.storage.RootMount;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A handle: root and id, and the engine through which it works. */
class EngineContainer implements Container {
  private static final Logger LOG = LoggerFactory.getLogger(EngineContainer.class);

  private final Services services;
  private final ContainerId id;
  private volatile String name;

  EngineContainer(Services services, ContainerId id, String name) {
    this.services = services;
    this.id = id;
    this.name = name;
  }

  private <T> T call(Supplier<T> work) {
    return services.calls().of(work);
  }

  private void call(Runnable work) {
    services.calls().of(work);
  }

  @Override
  public ContainerId id() {
    return id;
  }

  @Override
  public String name() {
    try {
      services.parts().store().read(id).map(ContainerRecord::name).ifPresent(this::isNow);
    } catch (CorruptException | UncheckedIOException damaged) {
      LOG.debug("container {} does not say its name", id.shortHex(), damaged);
    }
    return name;
  }

  private void isNow(String recorded) {
    name = recorded;
  }

  @Override
  public ContainerState inspect() {
    return call(() -> services.states().of(services.lookup().record(id)));
  }

  @Override
  public void start() {
    call(() -> services.lifecycle().start(id));
  }

  @Override
  public ExitStatus startAttached(byte[] stdin, Consumer<byte[]> stdout, Consumer<byte[]> stderr) {
    Objects.requireNonNull(stdin, "stdin");
    Objects.requireNonNull(stdout, "stdout");
    Objects.requireNonNull(stderr, "stderr");
    return startAttached(
        stdin.length == 0 ? Optional.empty() : Optional.of(new ByteArrayInputStream(stdin)),
        stdout,
        stderr);
  }

  @Override
  public ExitStatus startAttached(
      InputStream stdin, Consumer<byte[]> stdout, Consumer<byte[]> stderr) {
    Objects.requireNonNull(stdin, "stdin");
    Objects.requireNonNull(stdout, "stdout");
    Objects.requireNonNull(stderr, "stderr");
    return startAttached(Optional.of(stdin), stdout, stderr);
  }

  @Override
  public Attachment startAttached(
      AttachOptions options, Consumer<byte[]> stdout, Consumer<byte[]> stderr) {
    Objects.requireNonNull(options, "options");
    Objects.requireNonNull(stdout, "stdout");
    Objects.requireNonNull(stderr, "stderr");
    return call(() -> services.attachments().start(id, options, stdout, stderr));
  }

  @Override
  public Attachment attach(
      AttachOptions options, Consumer<byte[]> stdout, Consumer<byte[]> stderr) {
    Objects.requireNonNull(options, "options");
    Objects.requireNonNull(stdout, "stdout");
    Objects.requireNonNull(stderr, "stderr");
    return call(() -> services.attachments().attach(id, options, stdout, stderr));
  }

  private ExitStatus startAttached(
      Optional<InputStream> stdin, Consumer<byte[]> stdout, Consumer<byte[]> stderr) {
    ConsumerFailure own = new ConsumerFailure();
    return own.unwrapped(
        () ->
            call(
                () ->
                    services
                        .lifecycle()
                        .startAttached(id, stdin, own.keptOf(stdout), own.keptOf(stderr))));
  }

  @Override
  public void stop() {
    call(() -> services.lifecycle().stop(id, Optional.empty(), Optional.empty()));
  }

  @Override
  public void stop(Duration grace) {
    Objects.requireNonNull(grace, "grace");
    call(() -> services.lifecycle().stop(id, Optional.empty(), Optional.of(grace)));
  }

  @Override
  public void stop(Signal signal, Duration grace) {
    Objects.requireNonNull(signal, "signal");
    Objects.requireNonNull(grace, "grace");
    call(() -> services.lifecycle().stop(id, Optional.of(signal), Optional.of(grace)));
  }

  @Override
  public void kill(Signal signal) {
    Objects.requireNonNull(signal, "signal");
    call(
        () -> {
          ContainerRecord record = services.lookup().record(id);
          RunningContainer running = services.lookup().running(record);
          services.events().tellSignal(record, signal);
          Endings.signal(running, signal);
        });
  }

  @Override
  public void restart() {
    call(() -> services.lifecycle().restart(id, Optional.empty(), Optional.empty()));
  }

  @Override
  public void restart(Duration grace) {
    Objects.requireNonNull(grace, "grace");
    call(() -> services.lifecycle().restart(id, Optional.empty(), Optional.of(grace)));
  }

  @Override
  public void restart(Signal signal, Duration grace) {
    Objects.requireNonNull(signal, "signal");
    Objects.requireNonNull(grace, "grace");
    call(() -> services.lifecycle().restart(id, Optional.of(signal), Optional.of(grace)));
  }

  @Override
  public List<ProcessInfo> top() {
    return call(() -> services.lookup().running(id).processes());
  }

  @Override
  public Stats stats() {
    return call(() -> services.lookup().running(id).stats());
  }

  @Override
  public Subscription onStats(Duration interval, Consumer<? super Stats> consumer) {
    Objects.requireNonNull(interval, "interval");
    Objects.requireNonNull(consumer, "consumer");
    return call(
        () ->
            StatsSubscription.start(
                name, services.lookup().running(id), interval, consumer, services.parts().work()));
  }

  @Override
  public void pause() {
    call(
        () -> {
          pausable().freeze(true);
          if (services.parts().store().isPauseLeft(id)) {
            services.parts().store().endPause(id); // it is the user's now
          }
          services.events().tell(id, Action.PAUSE);
        });
  }

  /** Between two runs there is nobody to freeze. */
  private RunningContainer pausable() {
    ContainerRecord record = services.lookup().record(id);
    RunningContainer running = services.lookup().running(record);
    RunningContainer.Phase phase = running.status().phase();
    if (phase == RunningContainer.Phase.RESTARTING || phase == RunningContainer.Phase.STARTING) {
      throw new ConflictException(
          "container " + record.name() + " is only starting: pause it once it runs");
    }
    return running;
  }

  @Override
  public void unpause() {
    call(
        () -> {
          services.lookup().running(id).freeze(false);
          services.events().tell(id, Action.UNPAUSE);
        });
  }

  @Override
  public ContainerPaths paths() {
    return call(
        () -> {
          ContainerPlace place = services.lookup().place(services.lookup().record(id));
          Path files = services.parts().layout().container(id);
          return new ContainerPaths(
              place.logs().resolve("log").toAbsolutePath(),
              files.resolve("hosts").toAbsolutePath(),
              files.resolve("hostname").toAbsolutePath(),
              files.resolve("resolv.conf").toAbsolutePath(),
              layer());
        });
  }

  /** A damaged one is told by whoever needs it. */
  private Optional<ContainerPaths.LayerPaths> layer() {
    Parts parts = services.parts();
    RootMount root;
    try {
      root = parts.storage().open(parts.store().layer(id)).mount();
    } catch (NotFoundException | CorruptException damaged) {
      LOG.debug("the layer of {} is not found", id.shortHex(), damaged);
      return Optional.empty();
    }
    return Optional.of(
        root instanceof RootMount.Overlay overlay
            ? new ContainerPaths.LayerPaths(
                overlay.lowers(), overlay.upper(), Optional.of(overlay.work()))
            : new ContainerPaths.LayerPaths(
                List.of(), ((RootMount.Bind) root).directory(), Optional.empty()));
  }

  @Override
  public Bytes size() {
    return call(
        () -> {
          ContainerRecord record = services.lookup().record(id);
          return Bytes.of(new DiskUsages(services.parts()).layer(id, record.name()));
        });
  }

  @Override
  public void rename(String newName) {
    Objects.requireNonNull(newName, "newName");
    call(
        () -> {
          String before = services.naming().rename(id, newName);
          services.networks().renamed(id);
          services.events().tell(id, Action.RENAME, Map.of("oldName", before));
        });
    name = newName;
  }

  @Override
  public void update(Limits limits) {
    Objects.requireNonNull(limits, "limits");
    call(
        () -> {
          services.updates().limit(id, limits);
          services.events().tell(id, Action.UPDATE);
        });
  }

  @Override
  public void update(RestartPolicy policy) {
    Objects.requireNonNull(policy, "policy");
    call(
        () -> {
          services.updates().restartBy(id, policy);
          services.events().tell(id, Action.UPDATE);
        });
  }

  @Override
  public void remove(boolean force) {
    remove(force, false);
  }

  @Override
  public void remove(boolean force, boolean withVolumes) {
    call(() -> services.removals().remove(id, force, withVolumes));
  }

  @Override
  public ExitStatus await() {
    return await(Waits.FOREVER);
  }

  @Override
  public ExitStatus await(Duration limit) {
    Objects.requireNonNull(limit, "limit");
    return services.calls().waiting(() -> end(limit));
  }

  @Override
  public int await(WaitCondition condition, Duration limit) {
    Objects.requireNonNull(condition, "condition");
    Objects.requireNonNull(limit, "limit");
    return services
        .calls()
        .waiting(
            () ->
                switch (condition) {
                  case NOT_RUNNING -> end(limit).code();
                  case NEXT_EXIT -> services.waits().nextExit(id, limit, services.calls());
                  case REMOVED -> services.waits().removal(id, limit, services.calls());
                });
  }

  @Override
  public void awaitReady(Ready ready, Duration limit) {
    Objects.requireNonNull(ready, "ready");
    Objects.requireNonNull(limit, "limit");
    Boolean unused =
        services
            .calls()
            .waiting(
                () -> {
                  new Readiness(services, id).await(ready, limit);
                  return true;
                });
  }

  private ExitStatus end(Duration limit) {
    Optional<RunningContainer> running = services.live().connected(id);
    try {
      if (running.isPresent()) {
        inView(running.get());
      } else {
        running = services.connection(id);
      }
      if (running.isPresent()) {
        return ExitStatuses.of(
            Waits.await(running.get().exit(), limit, "container " + name + " to end"));
      }
      return services.states().exit(services.lookup().record(id));
    } catch (NotFoundException removed) {
      return services.live().ended(id).map(ExitStatuses::of).orElseThrow(() -> removed);
    }
  }

  private void inView(RunningContainer running) {
    services
        .parts()
        .store()
        .remembered(id)
        .ifPresent(record -> services.health().inView(record, running));
  }

  @Override
  public ExecResult execute(ExecSpec spec) {
    Objects.requireNonNull(spec, "spec");
    CapturedOutput output = new CapturedOutput(spec.outputLimit());
    return output.result(
        execute(spec, stdin(spec), output.stdout(), output.stderr(), Optional.of(Runnable::run)));
  }

  @Override
  public int execute(ExecSpec spec, Consumer<byte[]> stdout, Consumer<byte[]> stderr) {
    Objects.requireNonNull(spec, "spec");
    Objects.requireNonNull(stdout, "stdout");
    Objects.requireNonNull(stderr, "stderr");
    return execute(spec, stdin(spec), stdout, stderr);
  }

  @Override
  public int execute(
      ExecSpec spec, InputStream stdin, Consumer<byte[]> stdout, Consumer<byte[]> stderr) {
    Objects.requireNonNull(spec, "spec");
    Objects.requireNonNull(stdin, "stdin");
    Objects.requireNonNull(stdout, "stdout");
    Objects.requireNonNull(stderr, "stderr");
    if (spec.stdin().isPresent()) {
      throw new InvalidSpecException(
          "the exec of " + spec.command() + " has bytes to read already: leave them or the stream");
    }
    return execute(spec, Optional.of(stdin), stdout, stderr);
  }

  private int execute(
      ExecSpec spec,
      Optional<InputStream> stdin,
      Consumer<byte[]> stdout,
      Consumer<byte[]> stderr) {
    ConsumerFailure own = new ConsumerFailure();
    Execs.End end =
        own.unwrapped(
            () -> execute(spec, stdin, own.keptOf(stdout), own.keptOf(stderr), Optional.empty()));
    if (end.timedOut()) {
      throw new TimedOutException(
          "the exec of "
              + spec.command().get(0)
              + " in container \""
              + name
              + "\" was killed at its time limit of "
              + spec.timeout().map(Duration::toString).orElse(""));
    }
    return end.code();
  }

  /** Consumers that never wait need no thread of the engine. */
  private Execs.End execute(
      ExecSpec spec,
      Optional<InputStream> stdin,
      Consumer<byte[]> stdout,
      Consumer<byte[]> stderr,
      Optional<Executor> executor) {
    return call(
        () ->
            services
                .execs()
                .run(id, spec, stdin, stdout, stderr, executor.orElseGet(services.parts()::work)));
  }

  private static Optional<InputStream> stdin(ExecSpec spec) {
    return spec.stdin().map(ByteArrayInputStream::new);
  }

  @Override
  public Exec exec(
      ExecSpec spec, AttachOptions options, Consumer<byte[]> stdout, Consumer<byte[]> stderr) {
    Objects.requireNonNull(spec, "spec");
    Objects.requireNonNull(options, "options");
    Objects.requireNonNull(stdout, "stdout");
    Objects.requireNonNull(stderr, "stderr");
    return call(() -> services.execs().start(id, spec, options, stdout, stderr));
  }

  @Override
  public void executeDetached(ExecSpec spec) {
    Objects.requireNonNull(spec, "spec");
    call(() -> services.execs().start(id, spec, stdin(spec)));
  }

  @Override
  public Logs logs() {
    return new EngineLogs(services, id, name);
  }

  @Override
  public void export(OutputStream out) {
    Objects.requireNonNull(out, "out");
    call(() -> services.files().export(id, out));
  }

  @Override
  public void export(Path file) {
    Objects.requireNonNull(file, "file");
    call(() -> services.files().export(id, file));
  }

  @Override
  public void copyIn(Path source, String path, CopyOptions options) {
    Objects.requireNonNull(source, "source");
    Objects.requireNonNull(path, "path");
    Objects.requireNonNull(options, "options");
    copying("in", path, () -> services.copies().in(id, source, path, options));
  }

  @Override
  public void copyIn(InputStream tar, String directory, CopyOptions options) {
    Objects.requireNonNull(tar, "tar");
    Objects.requireNonNull(directory, "directory");
    Objects.requireNonNull(options, "options");
    copying("in", directory, () -> services.copies().in(id, tar, directory, options));
  }

  @Override
  public void copyOut(String path, Path target, CopyOptions options) {
    Objects.requireNonNull(path, "path");
    Objects.requireNonNull(target, "target");
    Objects.requireNonNull(options, "options");
    copying("out", path, () -> services.copies().out(id, path, target, options));
  }

  @Override
  public void copyOut(String path, OutputStream tar, CopyOptions options) {
    Objects.requireNonNull(path, "path");
    Objects.requireNonNull(tar, "tar");
    Objects.requireNonNull(options, "options");
    copying("out", path, () -> services.copies().out(id, path, tar, options));
  }

  private void copying(String direction, String path, Runnable copy) {
    call(
        () -> {
          copy.run();
          services.events().tell(id, Action.COPY, Map.of("direction", direction, "path", path));
        });
  }

  @Override
  public List<Change> diff() {
    return call(() -> services.files().diff(id));
  }

  @Override
  public Image commit(CommitSpec spec) {
    Objects.requireNonNull(spec, "spec");
    return call(
        () -> {
          Image image = new EngineImages(services).handle(services.files().commit(id, spec));
          services.events().tell(id, Action.COMMIT, Map.of("imageID", image.id().toString()));
          return image;
        });
  }

  @Override
  public final boolean equals(Object other) {
    return other instanceof EngineContainer container
        && container.id.equals(id)
        && container.services.parts().layout().root().equals(services.parts().layout().root());
  }

  @Override
  public final int hashCode() {
    return Objects.hash(id, services.parts().layout().root());
  }

  @Override
  public String toString() {
    return "container " + name + " (" + id.shortHex() + ")";
  }
}
