package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.CorruptException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.internal.durable.FaultPoints;
import dev.pinnace.spec.ContainerFilter;
import dev.pinnace.spec.ContainerState;
import dev.pinnace.spec.ContainerStatus;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names, prefixes of ids, lists and their filters. */
class NamesTest extends EngineFixture {
  @Test
  void create_nameTaken_isRefusedAndLeavesNothing() {
    Container first = engine.containers().create(shell("exit 0").name("taken"));
    assertThatThrownBy(() -> engine.containers().create(shell("exit 0").name("taken")))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("taken")
        .hasMessageContaining(first.id().shortHex());
    assertThat(engine.containers().list(ContainerFilter.all())).hasSize(1);
    first.remove(false);
    assertThat(engine.containers().create(shell("exit 0").name("taken")).id())
        .isNotEqualTo(first.id());
  }

  @Test
  void create_withoutName_getsOne() {
    Set<String> names = new HashSet<>();
    for (int i = 0; i < 10; i++) {
      names.add(engine.containers().create(shell("exit 0")).name());
    }
    assertThat(names).hasSize(10).allMatch(n -> n.matches("[a-z]+_[a-z]+[0-9]*"));
  }

  @Test
  void create_sameNameFromManyThreads_oneWins() throws Exception {
    for (int round = 0; round < 10; round++) {
      String name = "race-" + round;
      Runnable attempt = () -> engine.containers().create(shell("exit 0").name(name));
      assertThat(winners(Collections.nCopies(8, attempt))).isEqualTo(1);
    }
  }

  @Test
  void get_byNameIdAndPrefix() {
    Container container = engine.containers().create(shell("exit 0").name("findable"));
    String hex = container.id().hex();
    assertThat(engine.containers().get("findable")).isEqualTo(container);
    assertThat(engine.containers().get(hex)).isEqualTo(container);
    assertThat(engine.containers().get(hex.substring(0, 12))).isEqualTo(container);
    assertThat(engine.containers().find("findabl")).isEmpty();
    assertThatThrownBy(() -> engine.containers().get("nobody"))
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining("nobody");
  }

  @Test
  void get_ambiguousPrefix_isRefused() {
    Set<Character> seen = new HashSet<>();
    char twice;
    do {
      twice = engine.containers().create(shell("exit 0")).id().hex().charAt(0);
    } while (seen.add(twice));
    String prefix = String.valueOf(twice);
    assertThatThrownBy(() -> engine.containers().get(prefix))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("fits 2 containers");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "..", "/", "../names", "a/b", "\0", "é", "zz", "-rf"})
  void find_strangeText_findsNothing(String text) {
    engine.containers().create(shell("exit 0"));
    assertThat(text.isEmpty() ? engine.containers().find("g") : engine.containers().find(text))
        .isEmpty();
    assertThat(engine.containers().find(text.repeat(200) + "z")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a", "-a", "a b", "a/b", "..", "ü1"})
  void name_malformed_isRefused(String name) {
    assertThatThrownBy(() -> shell("exit 0").name(name)).isInstanceOf(InvalidSpecException.class);
  }

  @Test
  void name_tooLong_isRefused() {
    assertThatThrownBy(() -> shell("exit 0").name("x".repeat(300)))
        .isInstanceOf(InvalidSpecException.class);
  }

  @Test
  void list_filters() {
    Container made = engine.containers().create(shell("exit 0").name("made-a").label("k", "v"));
    Container runs = engine.containers().start(waiting().name("runs-b").label("k", "w"));
    Container ended = engine.containers().start(shell("exit 1").name("ended-a").label("x", ""));
    ended.await();
    assertThat(ids(ContainerFilter.all()))
        .as("newest first")
        .containsExactly(ended.id().hex(), runs.id().hex(), made.id().hex());
    assertThat(ids(ContainerFilter.alive())).containsExactly(runs.id().hex());
    assertThat(ids(ContainerFilter.all().status(ContainerStatus.CREATED)))
        .containsExactly(made.id().hex());
    assertThat(
            ids(
                ContainerFilter.all()
                    .status(ContainerStatus.CREATED)
                    .status(ContainerStatus.EXITED)))
        .containsExactly(ended.id().hex(), made.id().hex());
    assertThat(ids(ContainerFilter.all().label("k")))
        .containsExactly(runs.id().hex(), made.id().hex());
    assertThat(ids(ContainerFilter.all().label("k", "v"))).containsExactly(made.id().hex());
    assertThat(ids(ContainerFilter.all().nameContaining("-a")))
        .containsExactly(ended.id().hex(), made.id().hex());
    assertThat(ids(ContainerFilter.all().nameContaining("-a").label("k")))
        .containsExactly(made.id().hex());
  }

  private List<String> ids(ContainerFilter filter) {
    return engine.containers().list(filter).stream().map(s -> s.id().hex()).toList();
  }

  @Test
  void inspect_tellsTheSpecification() {
    Container container =
        engine.containers().create(shell("exit 0").label("a", "b").env("E", "1").user("7:8"));
    ContainerState state = container.inspect();
    assertThat(state.spec().labels()).containsEntry("a", "b");
    assertThat(state.spec().process().env()).containsEntry("E", "1");
    assertThat(state.spec().process().user()).contains("7:8");
    assertThat(state.imageId()).isEqualTo(engine.images().get(IMAGE).id());
  }

  @Test
  void names_foreignEntries_areLeftAloneAndHideNobody() throws Exception {
    Container container = engine.containers().create(shell("exit 0").name("mine"));
    Path names = root().resolve("names");
    Files.delete(names.resolve("mine"));
    List<Path> foreign =
        List.of(
            Files.createFile(names.resolve("mine")),
            Files.createSymbolicLink(names.resolve("link"), Path.of("elsewhere")),
            Files.createDirectory(names.resolve("directory")));
    try (Pinnace other = engine()) {
      assertThat(other.containers().get("mine")).isEqualTo(container);
      assertThat(other.containers().find("link")).isEmpty();
      assertThat(other.containers().list(ContainerFilter.all())).hasSize(1);
      assertThatThrownBy(() -> other.containers().create(shell("exit 0").name("link")))
          .isInstanceOf(ConflictException.class)
          .hasMessageContaining("taken by the file " + names.resolve("link"));
      assertThatThrownBy(() -> other.containers().create(shell("exit 0").name("mine")))
          .isInstanceOf(ConflictException.class)
          .hasMessageContaining("taken by container " + container.id().shortHex());
      other.containers().get("mine").remove(false);
    }
    for (Path entry : foreign) {
      Files.delete(entry);
    }
  }

  @Test
  void takenName_isTold_thoughWhatWasMadeCannotBeUndone() {
    engine.containers().create(waiting().name("one"));
    IllegalStateException another = new IllegalStateException("injected");
    FaultPoints.listen(
        point -> {
          if (point.equals("record removed")) {
            throw another;
          }
        });
    try {
      assertThatThrownBy(() -> engine.containers().create(waiting().name("one")))
          .isInstanceOf(ConflictException.class)
          .hasMessageContaining("\"one\" is taken")
          .hasSuppressedException(another);
    } finally {
      FaultPoints.listen(point -> {});
    }
    try (Pinnace next = engine()) {
      assertThat(next.containers().list(ContainerFilter.all())).hasSize(1);
    }
  }

  @Test
  void open_withARecordThatIsALink_worksAndKeepsItsName() throws Exception {
    Container container = engine.containers().create(waiting().name("looped"));
    Path record = root().resolve("containers").resolve(container.id().hex() + "/container.json");
    byte[] whole = Files.readAllBytes(record);
    Files.delete(record);
    Files.createSymbolicLink(record, Path.of("container.json"));
    try (Pinnace next = engine()) {
      assertThat(next.containers().run(shell("echo works")).stdout()).isEqualTo("works\n");
      assertThatThrownBy(() -> next.containers().create(waiting().name("looped")))
          .isInstanceOf(ConflictException.class);
      assertThat(next.containers().list(ContainerFilter.all())).isEmpty();
      assertThat(next.containers().damaged()).extracting(Container::name).containsExactly("looped");
    }
    Files.delete(record);
    Files.write(record, whole);
    assertThat(engine.containers().get("looped")).isEqualTo(container);
  }

  /** As of a disk with bad blocks: what is there cannot even be looked at. */
  @Test
  void record_thatCannotBeRead_hidesNoOtherContainer() throws Exception {
    Container container = engine.containers().create(waiting().name("unreadable"));
    Container other = engine.containers().create(waiting().name("other"));
    Path directory = root().resolve("containers").resolve(container.id().hex());
    Path aside = root().resolve("aside");
    Files.move(directory, aside);
    Files.createSymbolicLink(directory, directory.getFileName());
    try {
      assertThat(ids(ContainerFilter.all())).containsExactly(other.id().hex());
      assertThat(engine.containers().damaged())
          .extracting(Container::name)
          .containsExactly("unreadable");
      assertThat(engine.containers().get("unreadable")).isEqualTo(container);
      assertThat(engine.info().containers()).isEqualTo(1);
      assertThat(engine.diskUsage()).isNotNull();
      assertThatThrownBy(() -> engine.containers().get("unreadable").remove(false))
          .isInstanceOf(CorruptException.class)
          .hasMessageContaining("is not removed: cannot read");
      assertThat(engine.containers().prune(ContainerFilter.all()).containers())
          .containsExactly(other.id());
    } finally {
      Files.delete(directory);
      Files.move(aside, directory);
    }
    assertThat(engine.containers().get("unreadable")).isEqualTo(container);
  }
}
