package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.ContainerStatus;
import dev.pinnace.spec.Mount;
import dev.pinnace.spec.RestartPolicy;
import dev.pinnace.spec.Signal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an engine starts as it opens, after supervisors were killed or the machine went down. */
class RevivalTest extends EngineFixture {
  private static ContainerSpecBuilder policy(String name, String policy) {
    return waiting().name(name).detached().restart(RestartPolicy.parse(policy));
  }

  private ContainerStatus status(String name) {
    return engine.containers().get(name).inspect().status();
  }

  private void reopen() {
    engine.close();
    engine = engine();
  }

  private void killSupervisors() throws IOException {
    List<Integer> all = new ArrayList<>(Processes.of(root()));
    Processes.kill(Processes.supervisors(root()));
    eventually(() -> Processes.alive(all).isEmpty());
  }

  /** All that a reboot does: nothing runs, what is in memory is gone, and the boot is another. */
  private void reboot() throws IOException {
    List<Path> records = new ArrayList<>();
    for (Path directory : children(root().resolve("containers"))) {
      records.add(directory.resolve("container.json"));
    }
    engine.close();
    killSupervisors();
    for (Path record : records) {
      String text = Files.readString(record);
      Files.writeString(
          record, text.replaceAll("(\"boot\":\")[0-9a-f]{32}", "$1" + "0".repeat(32)));
    }
    engine = engine();
  }

  @ParameterizedTest
  @ValueSource(strings = {"always", "unless-stopped", "on-failure", "on-failure:3"})
  void killedSupervisor_thePolicyAppliesAtTheNextOpen(String policy) throws IOException {
    ready(engine.containers().start(policy("killed", policy)));
    killSupervisors();
    assertThat(status("killed")).isEqualTo(ContainerStatus.EXITED);
    reopen();
    assertThat(status("killed")).isEqualTo(ContainerStatus.RUNNING);
  }

  @Test
  void killedSupervisor_withoutAPolicy_orBound_staysEnded() throws IOException {
    ready(engine.containers().start(policy("plain", "no")));
    Container bound =
        engine.containers().start(waiting().name("bound").restart(RestartPolicy.always()));
    ready(bound);
    killSupervisors();
    reopen();
    assertThat(status("plain")).isEqualTo(ContainerStatus.EXITED);
    assertThat(status("bound")).isEqualTo(ContainerStatus.EXITED);
  }

  @Test
  void whatWasStopped_orEnded_orNeverStarted_isLeftToTheNextBoot() throws IOException {
    ready(engine.containers().start(policy("stopped", "always"))).stop();
    ready(engine.containers().start(policy("unless", "unless-stopped"))).stop();
    engine
        .containers()
        .start(shell("exit 3").name("failed").detached().restart(RestartPolicy.onFailure(1)))
        .await(Duration.ofSeconds(30));
    engine.containers().create(policy("created", "always"));
    List<String> names = List.of("stopped", "unless", "failed");
    reopen();
    assertThat(names).allMatch(name -> status(name) == ContainerStatus.EXITED);
    reboot();
    assertThat(status("stopped")).isEqualTo(ContainerStatus.RUNNING);
    assertThat(status("unless")).isEqualTo(ContainerStatus.EXITED);
    assertThat(status("failed")).isEqualTo(ContainerStatus.EXITED);
    assertThat(status("created")).isEqualTo(ContainerStatus.CREATED);
  }

  @Test
  void whatWasKilled_isStopped() throws IOException {
    Container killed = ready(engine.containers().start(policy("killed", "unless-stopped")));
    killed.kill(Signal.KILL);
    killed.await(Duration.ofSeconds(30));
    reboot();
    assertThat(status("killed")).isEqualTo(ContainerStatus.EXITED);
  }

  @Test
  void reboot_startsWhatRan_once() throws IOException {
    ready(engine.containers().start(policy("always", "always")));
    ready(engine.containers().start(policy("unless", "unless-stopped")));
    ready(engine.containers().start(policy("plain", "no")));
    reboot();
    assertThat(status("always")).isEqualTo(ContainerStatus.RUNNING);
    assertThat(status("unless")).isEqualTo(ContainerStatus.RUNNING);
    assertThat(status("plain")).isEqualTo(ContainerStatus.EXITED);
    int pid = engine.containers().get("always").inspect().pid().orElseThrow();
    reopen();
    assertThat(engine.containers().get("always").inspect().pid()).hasValue(pid);
  }

  @Test
  void enginesThatOpenAtOnce_startItOnce() throws IOException {
    ready(engine.containers().start(policy("raced", "always")));
    killSupervisors();
    List<CompletableFuture<Pinnace>> opening = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      opening.add(CompletableFuture.supplyAsync(EngineFixture::engine));
    }
    opening.forEach(open -> open.join().close());
    assertThat(status("raced")).isEqualTo(ContainerStatus.RUNNING);
    assertThat(ready(engine.containers().get("raced")).logs().text()).isEqualTo("ready\nready\n");
  }

  @Test
  void whatCannotBeStarted_hindersNobody() throws IOException {
    Path source = Files.createFile(root().resolve("source"));
    ready(
        engine
            .containers()
            .start(policy("broken", "always").mount(Mount.bind(source).at("/mnt/source"))));
    ready(engine.containers().start(policy("whole", "always")));
    killSupervisors();
    Files.delete(source);
    reopen();
    assertThat(status("whole")).isEqualTo(ContainerStatus.RUNNING);
    Container broken = engine.containers().get("broken");
    assertThat(broken.inspect().status()).isEqualTo(ContainerStatus.EXITED);
    assertThat(broken.inspect().exit().orElseThrow().remark()).contains("could not be started");
    Files.createFile(source);
    broken.start();
    Files.delete(source);
  }
}
