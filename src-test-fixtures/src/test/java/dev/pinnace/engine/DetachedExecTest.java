package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Container;
import dev.pinnace.Exec;
import dev.pinnace.Pinnace;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.event.Event;
import dev.pinnace.event.Event.Action;
import dev.pinnace.event.EventFilter;
import dev.pinnace.spec.AttachOptions;
import dev.pinnace.spec.ExecSpec;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Programs that are left alone: their supervisor tells how they end, and holds their terminals. */
class DetachedExecTest extends EngineFixture {
  private static final AttachOptions ALONE = AttachOptions.DEFAULTS;

  private final Instant began = Instant.now();
  private Container container;

  @BeforeEach
  void startContainer() {
    container = ready(engine.containers().start(waiting().name("box").label("tier", "front")));
  }

  private static ExecSpec sh(String script) {
    return ExecSpec.of("busybox", "sh", "-c", script);
  }

  /** Waits until it is there. */
  private static String until(String file) {
    return "while [ ! -e " + file + " ]; do busybox sleep 0.02; done; ";
  }

  private void go() {
    container.execute("busybox", "touch", "/go");
  }

  /** Of scripts, not of what the tests themselves execute. */
  private List<Event> told(Action action) {
    try (Stream<Event> events =
        engine.events(EventFilter.all().action(action).since(began).until(Instant.now()))) {
      return events
          .filter(event -> event.details().getOrDefault("command", "").startsWith("busybox sh"))
          .toList();
    }
  }

  /** The one that tells of an end. */
  private Event end() {
    eventually(() -> !told(Action.EXEC_DIE).isEmpty());
    assertThat(told(Action.EXEC_DIE)).hasSize(1);
    return told(Action.EXEC_DIE).get(0);
  }

  private boolean runs(String command) {
    return container.top().stream().anyMatch(process -> process.command().contains(command));
  }

  @Test
  void end_isTold_withTheExitCode() {
    container.executeDetached(sh("exit 7"));
    Event end = end();
    assertThat(end.exitCode()).hasValue(7);
    assertThat(end.details()).containsEntry("command", "busybox sh -c exit 7");
    assertThat(end.container()).contains(container.id());
    assertThat(end.name()).isEqualTo("box");
    assertThat(end.image()).isEqualTo(IMAGE);
    assertThat(end.labels()).containsEntry("tier", "front");
    assertThat(told(Action.EXEC_START)).hasSize(1);
  }

  @Test
  void end_isTold_whenWhoeverHasStartedItIsGone_alsoOfOneOnATerminal() {
    try (Pinnace other = engine()) {
      Container same = other.containers().get("box");
      same.executeDetached(sh(until("/go") + "kill -9 $$").withTerminal());
    }
    assertThat(told(Action.EXEC_DIE)).isEmpty();
    go();
    assertThat(end().exitCode()).hasValue(137);
  }

  @Test
  void end_isTold_whenTheContainerEnds() {
    container.executeDetached(sh("exec busybox sleep 1000"));
    eventually(() -> runs("sleep 1000"));
    container.remove(true);
    assertThat(end().exitCode()).hasValue(137);
  }

  @Test
  void terminal_isHeld_andTakesWhateverIsWritten() {
    try (Pinnace other = engine()) {
      other
          .containers()
          .get("box")
          .executeDetached(
              sh("busybox tty > /tty; busybox seq 1 300000; " + until("/go") + "exit 4")
                  .withTerminal());
    }
    eventually(() -> container.execute("busybox", "cat", "/tty").stdout().contains("/dev/pts/"));
    go();
    assertThat(end().exitCode()).hasValue(4);
  }

  @Test
  void detach_leavesItsProgram_whoseEndIsToldOnce() throws Exception {
    List<String> screen = new CopyOnWriteArrayList<>();
    ExecSpec spec = sh("echo begun; " + until("/go") + "busybox seq 1 100000; exit 6");
    try (Pinnace other = engine()) {
      Container same = other.containers().get("box");
      try (Exec exec =
          same.exec(
              spec.withTerminal(),
              ALONE,
              piece -> screen.add(new String(piece, StandardCharsets.UTF_8)),
              p -> {})) {
        CompletableFuture<Integer> waiting = CompletableFuture.supplyAsync(exec::await);
        eventually(() -> String.join("", screen).contains("begun"));
        exec.detach();
        assertThatThrownBy(() -> waiting.get(30, TimeUnit.SECONDS))
            .hasCauseInstanceOf(ConflictException.class)
            .hasMessageContaining("was detached");
        exec.detach();
      }
    }
    assertThat(told(Action.EXEC_DIE)).isEmpty();
    go();
    assertThat(end().exitCode()).hasValue(6);
  }

  @Test
  void detach_afterItsEnd_doesNothing_andIsToldOnce() {
    try (Exec exec = container.exec(sh("exit 3").withTerminal(), ALONE, p -> {}, p -> {})) {
      assertThat(exec.await()).isEqualTo(3);
      exec.detach();
      assertThat(exec.await()).isEqualTo(3);
    }
    assertThat(end().exitCode()).hasValue(3);
  }

  @Test
  void bytesForATerminal_thatNobodyTypes_areRefused() {
    ExecSpec both = sh("cat").withTerminal().withStdin("x".getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> container.executeDetached(both))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("cannot have both a terminal and bytes to read");
    assertThat(told(Action.EXEC_START)).isEmpty();
  }

  @Test
  void detach_ofWhatCannotBeHeld_isRefused() {
    try (Exec exec = container.exec(sh("exec busybox sleep 1000"), ALONE, p -> {}, p -> {})) {
      assertThatThrownBy(exec::detach)
          .isInstanceOf(InvalidSpecException.class)
          .hasMessageContaining("without a terminal cannot be detached");
    }
    try (Exec exec =
        container.exec(
            sh("trap '' HUP; while :; do busybox sleep 1; done").withTerminal(),
            ALONE,
            p -> {},
            p -> {})) {
      exec.close();
      assertThatThrownBy(exec::detach)
          .isInstanceOf(ConflictException.class)
          .hasMessageContaining("was closed here");
    }
  }
}
