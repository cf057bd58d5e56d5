package dev.pinnace.engine;

import static dev.pinnace.spec.ContainerSpec.image;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Container;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.error.StartFailedException;
import dev.pinnace.internal.durable.FaultPoints;
import dev.pinnace.spec.ContainerFilter;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.Mount;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a start that fails says. */
class StartFailureTest extends EngineFixture {
  @AfterEach
  void heal() {
    FaultPoints.listen(point -> {});
  }

  @Test
  void start_recordCannotBeWritten_saysSo() {
    FaultPoints.listen(
        point -> {
          if (point.equals("written container.json")) {
            throw new UncheckedIOException(new IOException("No space left on device"));
          }
        });
    assertThatThrownBy(() -> engine.containers().start(waiting()))
        .hasMessageContaining("No space left on device")
        .satisfies(
            e ->
                assertThat(e.getSuppressed())
                    .hasAtLeastOneElementOfType(StartFailedException.class));
    heal();
    assertThat(engine.containers().list(ContainerFilter.all())).isEmpty();
  }

  @Test
  void create_tooManyMounts_namesTheLimit() {
    ContainerSpecBuilder mounts = waiting();
    for (int i = 0; i < 3000; i++) {
      mounts.mount(Mount.tmpfs().at("/m/" + i));
    }
    assertThatThrownBy(() -> engine.containers().create(mounts))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("steps, at most 8,192 are allowed")
        .hasMessageContaining("fewer mounts");
    assertThat(engine.containers().list(ContainerFilter.all())).isEmpty();
  }

  @Test
  void start_emptyPath_findsNothingInTheWorkingDirectory() {
    String script = "cd $(busybox dirname $(busybox which busybox)) && pwd";
    String directory = engine.containers().run(shell(script)).stdout().strip();
    ContainerSpecBuilder there = image(IMAGE).command("busybox", "true").workdir(directory);
    assertThatThrownBy(() -> engine.containers().run(there.env("PATH", "")))
        .isInstanceOfSatisfying(
            StartFailedException.class, e -> assertThat(e.exitCode()).isEqualTo(127));
    assertThat(engine.containers().run(there.env("PATH", ":")).exitCode()).isZero();
  }

  @Test
  void start_ofWhatIsRemovedAtItsEnd_leavesNothingHoweverItFails() throws IOException {
    Container unknown =
        engine.containers().create(image(IMAGE).command("/no/such").autoRemove().name("fleeting"));
    assertThatThrownBy(unknown::start).isInstanceOf(StartFailedException.class);
    assertThat(engine.containers().list(ContainerFilter.all())).isEmpty();

    Container blocked = engine.containers().create(waiting().autoRemove().name("fleeting"));
    Files.createDirectory(
        root().resolve("containers").resolve(blocked.id().hex()).resolve("hosts"));
    assertThatThrownBy(() -> blocked.startAttached(new byte[0], bytes -> {}, bytes -> {}))
        .isInstanceOf(PinnaceException.class)
        .hasMessageContaining("hosts");
    assertThat(engine.containers().list(ContainerFilter.all())).isEmpty();
  }

  @Test
  void startAgain_programGone_bringsTheLastLines() {
    Container container =
        engine
            .containers()
            .start(shell("echo last; echo words; busybox rm $(busybox which busybox)"));
    container.await();
    assertThatThrownBy(container::start)
        .isInstanceOfSatisfying(
            StartFailedException.class,
            e -> {
              assertThat(e.exitCode()).isEqualTo(127);
              assertThat(e.lastLogs()).containsExactly("last", "words");
            });
  }
}
