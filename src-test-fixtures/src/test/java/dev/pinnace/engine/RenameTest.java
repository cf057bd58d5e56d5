package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.internal.durable.FaultPoints;
import dev.pinnace.spec.ContainerFilter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Containers that get another name. */
class RenameTest extends EngineFixture {
  @Test
  void rename_ofARunningContainer_freesItsNameAtOnceAndIsSeenByAllEngines() {
    Container container = engine.containers().start(waiting().name("old"));
    try (Pinnace other = engine()) {
      Container seen = other.containers().get("old");
      container.rename("new");
      assertThat(container.name()).isEqualTo("new");
      assertThat(container).hasToString("container new (" + container.id().shortHex() + ")");
      assertThat(seen.name()).isEqualTo("new");
      assertThat(other.containers().find("old")).isEmpty();
      assertThat(other.containers().get("new").inspect().name()).isEqualTo("new");
      assertThat(other.containers().list(ContainerFilter.all())).hasSize(1);
      assertThat(other.containers().create(waiting().name("old")).name()).isEqualTo("old");
    }
    container.stop();
    container.start();
    assertThat(container.inspect().name()).isEqualTo("new");
    container.remove(true);
    assertThat(container.name()).isEqualTo("new");
    assertThat(engine.containers().create(waiting().name("new")).id()).isNotEqualTo(container.id());
  }

  @Test
  void rename_toANameThatIsTakenOrItsOwn_isRefusedAndChangesNothing() {
    Container container = engine.containers().create(waiting().name("mine"));
    Container other = engine.containers().create(waiting().name("other"));
    assertThatThrownBy(() -> container.rename("other"))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("\"other\" is taken by container " + other.id().shortHex());
    assertThatThrownBy(() -> container.rename("mine"))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("has that name already");
    assertThat(engine.containers().get("mine")).isEqualTo(container);
    assertThat(engine.containers().get("other")).isEqualTo(other);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a", "-a", "a/b", "../x", "a b", "\u00e4\u00f6", "x\n"})
  void rename_toWhatIsNoName_isRefused(String name) {
    Container container = engine.containers().create(waiting().name("mine"));
    assertThatThrownBy(() -> container.rename(name))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("cannot name a container");
    assertThat(container.name()).isEqualTo("mine");
  }

  @Test
  void rename_ofARemovedContainer_findsNone() throws IOException {
    Container container = engine.containers().create(waiting().name("gone"));
    container.remove(false);
    assertThatThrownBy(() -> container.rename("new")).isInstanceOf(NotFoundException.class);
    assertThat(children(root().resolve("names"))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "new name taken",
        "written container.json",
        "renamed container.json",
        "container renamed"
      })
  void rename_thatBreaksOff_leavesOneNameAndFreesTheOther(String where) throws IOException {
    Container container = engine.containers().create(waiting().name("old"));
    FaultPoints.listen(
        point -> {
          if (point.equals(where)) {
            throw new IllegalStateException("injected");
          }
        });
    try {
      assertThatThrownBy(() -> container.rename("new")).hasMessageContaining("injected");
    } finally {
      FaultPoints.listen(point -> {});
    }
    String name = engine.containers().list(ContainerFilter.all()).get(0).name();
    String free = name.equals("new") ? "old" : "new";
    assertThat(engine.containers().get(name)).isEqualTo(container);
    assertThat(engine.containers().find(free)).isEmpty();
    try (Pinnace next = engine()) {
      assertThat(children(root().resolve("names")))
          .as("the next engine that opens tidies up")
          .hasSize(1);
      assertThat(next.containers().get(name))
          .isEqualTo(next.containers().get(container.id().hex()));
    }
    assertThat(engine.containers().create(waiting().name(free)).name()).isEqualTo(free);
  }

  @Test
  void create_withTheNameThatABrokenRenameLeft_takesIt() {
    Container container = engine.containers().create(waiting().name("old"));
    FaultPoints.listen(
        point -> {
          if (point.equals("new name taken")) {
            throw new IllegalStateException("injected");
          }
        });
    try {
      assertThatThrownBy(() -> container.rename("new")).hasMessageContaining("injected");
    } finally {
      FaultPoints.listen(point -> {});
    }
    Container next = engine.containers().create(waiting().name("new"));
    assertThat(engine.containers().get("new")).isEqualTo(next);
    assertThat(engine.containers().get("old")).isEqualTo(container);
  }

  @Test
  void rename_ofManyToOneName_oneWins() throws Exception {
    List<Container> containers = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      containers.add(engine.containers().create(waiting().name("c" + i)));
    }
    try (Pinnace other = engine()) {
      List<Runnable> attempts = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        Container container = (i % 2 == 0 ? engine : other).containers().get("c" + i);
        attempts.add(() -> container.rename("winner"));
      }
      assertThat(winners(attempts)).isEqualTo(1);
    }
    assertThat(engine.containers().list(ContainerFilter.all()))
        .hasSize(6)
        .extracting(c -> c.name())
        .doesNotHaveDuplicates()
        .contains("winner");
    assertThat(children(root().resolve("names"))).hasSize(6);
    assertThat(containers).contains(engine.containers().get("winner"));
  }

  @Test
  void rename_whileOthersMakeContainersOfThatName_oneWins() throws Exception {
    for (int round = 0; round < 30; round++) {
      String name = "race-" + round;
      Container container = engine.containers().create(waiting().name("renamed-" + round));
      int winners =
          winners(
              List.of(
                  () -> container.rename(name),
                  () -> engine.containers().create(waiting().name(name)),
                  () -> engine.containers().create(waiting().name(name))));
      assertThat(winners).isEqualTo(1);
      assertThat(engine.containers().get(name).name()).isEqualTo(name);
    }
  }
}
