package dev.pinnace.internal.engine;

import dev.pinnace.Container;
import dev.pinnace.Image;
import dev.pinnace.Logs;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.internal.waiting.Waits;
import dev.pinnace.spec.CommitSpec;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.ContainerState;
import dev.pinnace.spec.ExecResult;
import dev.pinnace.spec.ExecSpec;
import dev.pinnace.spec.ExitStatus;
import dev.pinnace.spec.Signal;
import dev.pinnace.spi.isolation.RunningContainer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/** A handle: root and id, and the engine through which it works. */
class EngineContainer implements Container {

  private final Services services;
  private final ContainerId id;
  private final String name;

  EngineContainer(Services services, ContainerId id, String name) {
    this.services = services;
    this.id = id;
    this.name = name;
  }

  @Override
  public ContainerId id() {
    return id;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public ContainerState inspect() {
    return services.calls().of(() -> services.states().of(services.lookup().record(id)));
  }

  @Override
  public void start() {
    services.calls().of(() -> services.lifecycle().start(id));
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

  private ExitStatus startAttached(
      Optional<InputStream> stdin, Consumer<byte[]> stdout, Consumer<byte[]> stderr) {
    return services.calls().of(() -> services.lifecycle().startAttached(id, stdin, stdout, stderr));
  }

  @Override
  public void stop() {
    services.calls().of(() -> services.lifecycle().stop(id, Optional.empty()));
  }

  @Override
  public void stop(Duration grace) {
    Objects.requireNonNull(grace, "grace");
    services.calls().of(() -> services.lifecycle().stop(id, Optional.of(grace)));
  }

  @Override
  public void kill(Signal signal) {
    Objects.requireNonNull(signal, "signal");
    services.calls().of(() -> Endings.signal(services.lookup().running(id), signal));
  }

  @Override
  public void restart() {
    services.calls().of(() -> services.lifecycle().restart(id, Optional.empty()));
  }

  @Override
  public void restart(Duration grace) {
    Objects.requireNonNull(grace, "grace");
    services.calls().of(() -> services.lifecycle().restart(id, Optional.of(grace)));
  }

  @Override
  public void pause() {
    services
        .calls()
        .of(
            () -> {
              services.lookup().running(id).freeze(true);
              if (services.parts().store().isPauseLeft(id)) {
                services.parts().store().endPause(id); // it is the user's now
              }
            });
  }

  @Override
  public void unpause() {
    services.calls().of(() -> services.lookup().running(id).freeze(false));
  }

  @Override
  public void remove(boolean force) {
    services.calls().of(() -> services.removals().remove(id, force));
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

  private ExitStatus end(Duration limit) {
    Optional<RunningContainer> running = services.live().connected(id);
    try {
      running = running.isPresent() ? running : services.connection(id);
      if (running.isPresent()) {
        return ExitStatuses.of(
            Waits.await(running.get().exit(), limit, "container " + name + " to end"));
      }
      return services.states().exit(services.lookup().record(id));
    } catch (NotFoundException removed) {
      return services.live().ended(id).map(ExitStatuses::of).orElseThrow(() -> removed);
    }
  }

  @Override
  public ExecResult execute(ExecSpec spec) {
    Objects.requireNonNull(spec, "spec");
    ByteArrayOutputStream stdout = new ByteArrayOutputStream();
    ByteArrayOutputStream stderr = new ByteArrayOutputStream();
    int code =
        services
            .calls()
            .of(
                () ->
                    services
                        .execs()
                        .run(
                            id,
                            spec,
                            stdin(spec),
                            stdout::writeBytes,
                            stderr::writeBytes,
                            Runnable::run));
    return new ExecResult(code, stdout.toByteArray(), stderr.toByteArray());
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
    return services
        .calls()
        .of(() -> services.execs().run(id, spec, stdin, stdout, stderr, services.parts().work()));
  }

  private static Optional<InputStream> stdin(ExecSpec spec) {
    return spec.stdin().map(ByteArrayInputStream::new);
  }

  @Override
  public void executeDetached(ExecSpec spec) {
    Objects.requireNonNull(spec, "spec");
    services.calls().of(() -> services.execs().start(id, spec, stdin(spec)));
  }

  @Override
  public Logs logs() {
    return new EngineLogs(services, id, name);
  }

  @Override
  public void export(OutputStream out) {
    Objects.requireNonNull(out, "out");
    services.calls().of(() -> services.files().export(id, out));
  }

  @Override
  public void export(Path file) {
    Objects.requireNonNull(file, "file");
    services.calls().of(() -> services.files().export(id, file));
  }

  @Override
  public Image commit(CommitSpec spec) {
    Objects.requireNonNull(spec, "spec");
    return services
        .calls()
        .of(() -> new EngineImages(services).handle(services.files().commit(id, spec)));
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
