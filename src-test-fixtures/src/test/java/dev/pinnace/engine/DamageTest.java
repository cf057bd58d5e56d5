package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Container;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.CorruptException;
import dev.pinnace.spec.ContainerFilter;
import dev.pinnace.spec.ContainerState;
import dev.pinnace.spec.ContainerStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Containers whose files somebody, or a disk, has damaged. */
class DamageTest extends EngineFixture {
  private static Path file(Container container, String name) {
    return root().resolve("containers").resolve(container.id().hex()).resolve(name);
  }

  private List<String> listed() {
    return engine.containers().list(ContainerFilter.all()).stream()
        .map(ContainerState::name)
        .sorted()
        .toList();
  }

  @Test
  void list_withADamagedRecord_hasTheOthers() throws IOException {
    engine.containers().create(waiting().name("whole"));
    Container damaged = engine.containers().create(waiting().name("damaged"));
    Files.writeString(file(damaged, "container.json"), "{\"id\":");

    assertThat(listed()).containsExactly("whole");
    assertThat(engine.info().containers()).isEqualTo(1);
    assertThat(engine.containers().damaged()).containsExactly(damaged);
    assertThat(engine.containers().damaged().get(0).name()).isEqualTo("damaged");
    assertThatThrownBy(() -> engine.containers().get("damaged").inspect())
        .isInstanceOf(CorruptException.class)
        .hasMessageContaining("container.json is damaged");

    engine.containers().get(damaged.id().shortHex()).remove(true);
    assertThat(engine.containers().damaged()).isEmpty();
    engine.containers().create(waiting().name("damaged"));
    assertThat(listed()).containsExactly("damaged", "whole");
  }

  @Test
  void remove_ofADamagedContainer_isDoneByForceOnly() throws IOException {
    Container damaged = engine.containers().create(waiting().name("damaged"));
    Files.writeString(file(damaged, "container.json"), "");
    assertThatThrownBy(() -> engine.containers().get("damaged").remove(false))
        .isInstanceOf(CorruptException.class)
        .hasMessageContaining("by force");
    assertThat(file(damaged, "container.json")).exists();
    damaged.remove(true);
    assertThat(engine.containers().find("damaged")).isEmpty();
  }

  @Test
  void remove_ofADamagedContainerThatRuns_endsIt() throws IOException {
    Container damaged = ready(engine.containers().start(waiting().name("damaged").detached()));
    List<Integer> processes = Processes.of(root());
    assertThat(processes).isNotEmpty();
    Files.writeString(file(damaged, "container.json"), "[]");
    try (var other = engine()) {
      other.containers().get(damaged.id().hex()).remove(true);
    }
    assertThat(Processes.alive(processes)).isEmpty();
  }

  @Test
  void list_withADamagedExitRecord_saysThatItIsNotKnown() throws IOException {
    Container container = engine.containers().start(shell("exit 3").name("ended"));
    assertThat(container.await().code()).isEqualTo(3);
    eventually(() -> Files.exists(file(container, "exit")));
    Files.writeString(file(container, "exit"), "short");
    try (var other = engine()) {
      ContainerState state = other.containers().get("ended").inspect();
      assertThat(state.status()).isEqualTo(ContainerStatus.EXITED);
      assertThat(state.exit().orElseThrow().remark()).contains("record is damaged");
      assertThat(other.containers().list(ContainerFilter.all())).hasSize(1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"fifo", "directory"})
  void recordThatIsNoFile_isDamaged(String what) throws Exception {
    Container damaged = engine.containers().create(waiting().name("damaged"));
    replace(file(damaged, "container.json"), what);
    try (var other = engine()) {
      assertThat(listed()).isEmpty();
      assertThat(other.containers().damaged()).containsExactly(damaged);
      assertThatThrownBy(() -> other.containers().get("damaged").inspect())
          .isInstanceOf(CorruptException.class)
          .hasMessageContaining("not a regular file");
      other.containers().get("damaged").remove(true);
      assertThat(other.containers().find("damaged")).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"fifo", "directory"})
  void exitRecordThatIsNoFile_isDamaged(String what) throws Exception {
    Container container = engine.containers().start(shell("exit 3").name("ended"));
    container.await();
    eventually(() -> Files.exists(file(container, "exit")));
    replace(file(container, "exit"), what);
    try (var other = engine()) {
      assertThat(other.containers().list(ContainerFilter.all())).hasSize(1);
      assertThat(other.containers().get("ended").inspect().exit().orElseThrow().remark())
          .contains("record is damaged");
    }
  }

  private static void replace(Path file, String what) throws Exception {
    Files.delete(file);
    String[] command =
        what.equals("fifo")
            ? new String[] {"mkfifo", file.toString()}
            : new String[] {"mkdir", "-p", file.resolve("inside").toString()};
    assertThat(new ProcessBuilder(command).start().waitFor()).isZero();
  }

  @Test
  void inspect_ofADamagedRecord_saysWhatIsWrongWithoutTheParsersSource() throws Exception {
    Container damaged = engine.containers().create(waiting().name("damaged"));
    Files.writeString(file(damaged, "container.json"), "{\"id\":");
    assertThatThrownBy(damaged::inspect)
        .hasMessageContaining("is damaged: ")
        .hasMessageNotContainingAny("Source", "Exception");
    damaged.remove(true);
  }

  private Path layer() throws IOException {
    Path layers = root().resolve("layers").resolve(engine.info().storage());
    return children(layers).stream()
        .filter(path -> path.getFileName().toString().length() == 64)
        .findFirst()
        .orElseThrow();
  }

  private void assertRepaired() {
    engine.images().host("busybox").named(IMAGE).build();
    assertThat(engine.containers().run(shell("exit 3")).status().code()).isEqualTo(3);
  }

  @Test
  void build_ofAnImageWhoseLayerIsDamaged_replacesIt() throws Exception {
    for (String garbage : new String[] {"", "garbage", "parent x\n"}) {
      Files.writeString(layer().resolve("layer"), garbage);
      assertRepaired();
    }
    Files.delete(layer().resolve("layer"));
    assertRepaired();
    String files = Files.exists(layer().resolve("diff")) ? "diff" : "tree";
    Files.move(layer().resolve(files), layer().resolve("lost"));
    assertRepaired();
    assertThat(children(layer().resolveSibling("removed"))).isEmpty();
  }

  @Test
  void run_ofAnImageWhoseLayerIsDamaged_unpacksItAgain() throws Exception {
    Files.writeString(layer().resolve("layer"), "garbage");
    assertThat(engine.containers().run(shell("exit 3")).status().code()).isEqualTo(3);
    assertThat(layer().resolve("layer")).content().contains("parent");
  }

  @Test
  void build_ofAnImageWhoseDamagedLayerIsUsed_saysWhatToDo() throws Exception {
    Container user = engine.containers().create(waiting());
    Files.writeString(layer().resolve("layer"), "garbage");
    assertThatThrownBy(() -> engine.images().host("busybox").named(IMAGE).build())
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("remove the containers of its images");
    user.remove(false);
    assertRepaired();
  }
}
