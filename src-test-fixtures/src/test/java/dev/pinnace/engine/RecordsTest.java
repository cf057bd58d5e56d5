package dev.pinnace.engine;

import static dev.pinnace.spec.ContainerSpec.image;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.ContainerState;
import dev.pinnace.spec.ContainerStatus;
import dev.pinnace.spec.Mount;
import dev.pinnace.spec.RestartPolicy;
import dev.pinnace.spec.Signal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RecordsTest extends EngineFixture {
  @Test
  void inspect_ofWhatThisEngineWrote_isWhatAnotherReads() {
    Container container =
        engine
            .containers()
            .create(
                image(IMAGE)
                    .command("sleep", "60")
                    .label("a", "b")
                    .env("C", "d=e")
                    .mount(Mount.tmpfs().at("/t"))
                    .shmSize(Bytes.of(1 << 20))
                    .capAdd("SYS_TIME")
                    .stopSignal(Signal.INT)
                    .timeout(Duration.ofMinutes(3))
                    .restart(RestartPolicy.never()));
    try (Pinnace other = engine()) {
      assertThat(other.containers().get(container.id().hex()).inspect())
          .isEqualTo(container.inspect());
    }
  }

  @Test
  void inspect_afterAnotherEngineStartedIt_isOfTheNewRecord() {
    Container container =
        engine.containers().create(image(IMAGE).command("busybox", "sleep", "60").detached());
    assertThat(container.inspect().status()).isEqualTo(ContainerStatus.CREATED);
    try (Pinnace other = engine()) {
      Container same = other.containers().get(container.id().hex());
      same.start();
      same.stop(Duration.ZERO);
    }
    assertThat(container.inspect().status()).isEqualTo(ContainerStatus.EXITED);
  }

  /** What an earlier version took is told as it is; a start then has the kernel's word on it. */
  @Test
  void inspect_recordWithAnOddListOfProcessors_isReadAsItIs() throws IOException {
    Container container = engine.containers().create(waiting());
    Path record =
        root().resolve("containers").resolve(container.id().hex()).resolve("container.json");
    String text = Files.readString(record);
    String odd = text.replace("\"cpusetCpus\":null", "\"cpusetCpus\":\"3-1,,x\"");
    assertThat(odd).isNotEqualTo(text);
    Files.writeString(record, odd);
    try (Pinnace other = engine()) {
      assertThat(other.containers().get(container.name()).inspect().spec().limits().cpusetCpus())
          .contains("3-1,,x");
      assertThat(other.containers().list()).hasSize(1);
    }
  }

  @Test
  void list_whileContainersAreRenamed_hasEachOnce() throws Exception {
    List<Container> all =
        Stream.of("aa", "bb", "cc")
            .map(name -> engine.containers().create(waiting().name(name)))
            .toList();
    AtomicBoolean ended = new AtomicBoolean();
    try (Pinnace other = engine()) {
      CompletableFuture<Void> renaming =
          CompletableFuture.runAsync(
              () -> {
                for (int i = 0; i < 40; i++) {
                  for (Container container : all) {
                    other
                        .containers()
                        .get(container.id().hex())
                        .rename("n" + i + container.id().shortHex());
                  }
                }
                ended.set(true);
              });
      while (!renaming.isDone()) {
        assertThat(engine.containers().list())
            .extracting(ContainerState::id)
            .containsExactlyInAnyOrderElementsOf(all.stream().map(Container::id).toList());
      }
      renaming.join();
    }
    assertThat(ended).isTrue();
  }
}
