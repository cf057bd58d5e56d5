package dev.pinnace.engine;

import static dev.pinnace.spec.ContainerSpec.image;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Attachment;
import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.Subscription;
import dev.pinnace.error.CancelledException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.event.Event;
import dev.pinnace.event.Event.Action;
import dev.pinnace.event.EventFilter;
import dev.pinnace.spec.AttachOptions;
import dev.pinnace.spec.CommitSpec;
import dev.pinnace.spec.Limits;
import dev.pinnace.spec.RestartPolicy;
import dev.pinnace.spec.Signal;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What happens to containers, as others are told of it. */
class EventsTest extends EngineFixture {
  private static final Duration LONG = Duration.ofSeconds(20);

  private final List<Event> seen = new CopyOnWriteArrayList<>();

  private Subscription follow(Pinnace from) {
    return from.onEvent(EventFilter.all(), seen::add);
  }

  private List<Action> actions() {
    return seen.stream().map(Event::action).toList();
  }

  private void await(Action last) throws Exception {
    eventually(() -> actions().contains(last));
  }

  private Event only(Action action) {
    List<Event> found = seen.stream().filter(event -> event.action() == action).toList();
    assertThat(found).hasSize(1);
    return found.get(0);
  }

  private List<Event> history(Instant since) {
    try (Stream<Event> events =
        engine.events(EventFilter.all().since(since).until(Instant.now()))) {
      return events.toList();
    }
  }

  @Test
  void aLife_isToldToAnotherEngine() throws Exception {
    try (Pinnace other = engine();
        Subscription following = follow(other)) {
      Container container =
          engine.containers().start(shell("exit 3").name("brief").label("tier", "front"));
      container.await();
      container.remove(false);
      await(Action.DESTROY);
      assertThat(actions())
          .containsExactly(Action.CREATE, Action.START, Action.DIE, Action.DESTROY);
      assertThat(seen)
          .allSatisfy(
              event -> {
                assertThat(event.container()).contains(container.id());
                assertThat(event.name()).isEqualTo("brief");
                assertThat(event.image()).isEqualTo(IMAGE);
                assertThat(event.labels()).containsExactly(Map.entry("tier", "front"));
              })
          .isSortedAccordingTo(java.util.Comparator.comparing(Event::time));
      assertThat(only(Action.DIE).exitCode()).hasValue(3);
    }
  }

  /** Whoever hears of an end finds it recorded. */
  @Test
  void die_comesAfterTheRecord() throws Exception {
    List<Integer> codes = new CopyOnWriteArrayList<>();
    try (Subscription following =
        engine.onEvent(
            EventFilter.all().action(Action.DIE),
            event ->
                codes.add(
                    engine
                        .containers()
                        .get(event.actor())
                        .inspect()
                        .exit()
                        .orElseThrow()
                        .code()))) {
      Container container = engine.containers().start(shell("exit 5"));
      eventually(() -> codes.equals(List.of(5)));
      container.remove(false);
    }
  }

  @Test
  void whatUsersDo_isTold_withDetails(@TempDir Path files) throws Exception {
    Path file = Files.writeString(files.resolve("file"), "text");
    try (Subscription following = follow(engine)) {
      Container container = engine.containers().start(waiting().name("first"));
      container.pause();
      container.unpause();
      container.rename("second");
      container.update(Limits.builder().build());
      container.execute("busybox", "sh", "-c", "exit 7");
      container.copyIn(file, "/copied");
      container.copyOut("/copied", files.resolve("back"));
      engine
          .images()
          .remove(container.commit(CommitSpec.named("localhost/made")).id().toString(), true);
      container.stop(Duration.ZERO);
      container.start();
      container.restart(Duration.ZERO);
      container.kill(Signal.KILL);
      container.await();
      container.remove(true);
      await(Action.DESTROY);
    }
    assertThat(actions())
        .containsExactly(
            Action.CREATE,
            Action.START,
            Action.PAUSE,
            Action.UNPAUSE,
            Action.RENAME,
            Action.UPDATE,
            Action.EXEC_START,
            Action.EXEC_DIE,
            Action.COPY,
            Action.COPY,
            Action.COMMIT,
            Action.UNTAG,
            Action.DELETE,
            Action.KILL,
            Action.DIE,
            Action.STOP,
            Action.START,
            Action.KILL,
            Action.DIE,
            Action.STOP,
            Action.START,
            Action.RESTART,
            Action.KILL,
            Action.DIE,
            Action.DESTROY);
    assertThat(only(Action.RENAME).details()).containsEntry("oldName", "first");
    assertThat(only(Action.EXEC_START).details()).containsEntry("command", "busybox sh -c exit 7");
    assertThat(only(Action.EXEC_DIE).exitCode()).hasValue(7);
    assertThat(only(Action.COMMIT).details().get("imageID")).startsWith("sha256:");
    assertThat(seen.stream().filter(event -> event.action() == Action.COPY))
        .extracting(event -> event.details().get("direction"))
        .containsExactly("in", "out");
    assertThat(seen.get(seen.size() - 2).name()).isEqualTo("second");
    assertThat(seen.get(seen.size() - 2).exitCode()).hasValue(137);
    assertThat(seen.get(seen.size() - 3).details()).containsEntry("signal", "9");
  }

  @Test
  void attachments_areTold_andWhenTheyEndBeforeTheContainer() throws Exception {
    try (Subscription following = follow(engine)) {
      Container container = engine.containers().start(waiting().terminal());
      container.attach(AttachOptions.DEFAULTS, piece -> {}, piece -> {}).close();
      await(Action.DETACH);
      Attachment last = container.attach(AttachOptions.DEFAULTS, piece -> {}, piece -> {});
      container.remove(true);
      await(Action.DESTROY);
      last.close();
      assertThat(actions())
          .containsExactly(
              Action.CREATE,
              Action.START,
              Action.ATTACH,
              Action.DETACH,
              Action.ATTACH,
              Action.KILL,
              Action.DIE,
              Action.DESTROY);
    }
  }

  /** No JVM has to live for it: here none is connected. */
  @Test
  void restartsByPolicy_areTold() throws Exception {
    Instant before = Instant.now();
    Container container =
        engine.containers().create(shell("exit 4").restart(RestartPolicy.onFailure(2)).detached());
    try (Pinnace starter = engine()) {
      starter.containers().get(container.id().hex()).start();
    }
    container.await();
    eventually(() -> history(before).stream().filter(e -> e.action() == Action.DIE).count() == 3);
    assertThat(history(before))
        .extracting(Event::action)
        .containsExactly(
            Action.CREATE,
            Action.START,
            Action.DIE,
            Action.START,
            Action.DIE,
            Action.START,
            Action.DIE);
    container.remove(false);
  }

  @Test
  void aRun_thatCannotStart_isMadeAndDestroyed() {
    Instant before = Instant.now();
    assertThatThrownBy(() -> engine.containers().run(image(IMAGE).command("no-such-program")))
        .isInstanceOf(PinnaceException.class);
    assertThat(history(before))
        .extracting(Event::action)
        .containsExactly(Action.CREATE, Action.DESTROY);
  }

  @Test
  void filters_apply_toHistoryAndWhatComes() throws Exception {
    Instant before = Instant.now();
    Container container = engine.containers().start(shell("exit 0").name("filtered"));
    container.await();
    EventFilter deaths = EventFilter.all().since(before).container("filtered").action(Action.DIE);
    try (Stream<Event> events = engine.events(deaths)) {
      assertThat(events.limit(1)).extracting(Event::name).containsExactly("filtered");
    }
    try (Subscription following = engine.onEvent(deaths, seen::add)) {
      container.start();
      container.await();
      eventually(() -> seen.size() == 2);
    }
    container.remove(false);
  }

  @Test
  void until_endsTheFollowing() {
    Instant soon = Instant.now().plusMillis(200);
    try (Subscription following = engine.onEvent(EventFilter.all().until(soon), seen::add)) {
      assertThat(following.await(LONG)).isTrue();
    }
    assertThat(Instant.now()).isAfterOrEqualTo(soon);
  }

  @Test
  void theEndOfTheEngine_endsAStream() throws Exception {
    Pinnace other = engine();
    try (Stream<Event> events = other.events(EventFilter.all())) {
      Thread closing = new Thread(other::close);
      closing.start();
      assertThatThrownBy(events::findFirst)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("is closed");
      closing.join();
    } finally {
      other.close();
    }
  }

  @Test
  void theEndOfTheEngine_endsASubscription_andDoesNotWaitForIt() {
    Pinnace other = engine();
    Subscription following = other.onEvent(EventFilter.all(), seen::add);
    other.close();
    assertThat(following.await(Duration.ZERO)).isTrue();
  }

  @Test
  void aConsumer_mayCloseItsEngine() {
    Pinnace other = engine();
    CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    Subscription following =
        other.onEvent(
            EventFilter.all(),
            event -> {
              other.close();
              interrupted.complete(Thread.currentThread().isInterrupted());
            });
    engine.containers().create(waiting()).remove(false);
    assertThat(interrupted).succeedsWithin(LONG).isEqualTo(false);
    assertThat(following.await(LONG)).isTrue();
  }

  @Test
  void whoeverHearsOfTheMaking_findsTheContainer() {
    List<String> found = new CopyOnWriteArrayList<>();
    try (Subscription following =
        engine.onEvent(
            EventFilter.all().action(Action.CREATE),
            event -> found.add(engine.containers().get(event.actor()).name()))) {
      Container container = engine.containers().start(waiting().name("made"));
      eventually(() -> found.equals(List.of("made")));
      container.remove(true);
    }
  }

  /** Supervisors alone write, and would stop at 8 MiB. */
  @Test
  void whoeverFollows_keepsTheFilesSmall() throws Exception {
    Path current = root().resolve("events/current");
    Container container = engine.containers().create(shell("exit 6"));
    try (Subscription following = follow(engine)) {
      try (RandomAccessFile file = new RandomAccessFile(current.toFile(), "rw")) {
        file.setLength(8 << 20);
      }
      eventually(() -> current.toFile().length() == 0);
      container.start();
      await(Action.DIE);
    }
    container.remove(false);
  }

  @Test
  void anInterrupt_endsAStream_andKeepsTheFlag() {
    try (Stream<Event> events = engine.events(EventFilter.all())) {
      Thread.currentThread().interrupt();
      assertThatThrownBy(events::findFirst).isInstanceOf(CancelledException.class);
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  @Test
  void aConsumerThatThrows_endsItsSubscription() {
    IllegalStateException own = new IllegalStateException("enough");
    try (Subscription following =
        engine.onEvent(
            EventFilter.all(),
            event -> {
              throw own;
            })) {
      engine.containers().create(waiting()).remove(false);
      assertThatThrownBy(() -> following.await(LONG)).isSameAs(own);
    }
  }

  /** What cannot be told is done nevertheless, by engines and supervisors. */
  @Test
  void withoutFiles_orWithTooMuchInThem_nothingIsTold_andAllIsDone() throws Exception {
    Path current = root().resolve("events/current");
    Container container = engine.containers().create(shell("exit 6"));
    Path away = Files.move(current, root().resolve("events/away"));
    container.start();
    assertThat(container.await().code()).isEqualTo(6);
    Files.move(away, current);

    try (RandomAccessFile file = new RandomAccessFile(current.toFile(), "rw")) {
      long before = file.length();
      file.setLength(8 << 20);
      container.start();
      assertThat(container.await().code()).isEqualTo(6);
      assertThat(file.length()).isEqualTo(8 << 20);
      file.setLength(before);
    }
    container.start();
    container.await();
    eventually(() -> Collections.frequency(historyOf(container), Action.DIE) == 1);
    container.remove(false);
  }

  private List<Action> historyOf(Container container) {
    try (Stream<Event> events =
        engine.events(
            EventFilter.all()
                .since(Instant.EPOCH)
                .until(Instant.now())
                .container(container.id()))) {
      return events.map(Event::action).toList();
    }
  }

  /** A frame is one write of a bounded size. */
  @Test
  void labels_thatAreTooMany_areLeftOut() {
    Container container =
        engine.containers().create(waiting().label("long", "x".repeat(40_000)).name("labelled"));
    try (Stream<Event> events =
        engine.events(
            EventFilter.all()
                .since(Instant.EPOCH)
                .until(Instant.now())
                .container(container.id()))) {
      assertThat(events).hasSize(1).allMatch(event -> event.labels().isEmpty());
    }
    container.remove(false);
  }
}
