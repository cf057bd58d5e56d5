package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.error.CancelledException;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.TimedOutException;
import dev.pinnace.internal.durable.FaultPoints;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.ExitStatus;
import dev.pinnace.spec.RestartPolicy;
import dev.pinnace.spec.WaitCondition;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class WaitConditionTest extends EngineFixture {
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final Duration SHORT = Duration.ofMillis(300);

  private final AtomicReference<@Nullable Thread> waiter = new AtomicReference<>();
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          work -> {
            Thread begun = new Thread(work);
            waiter.set(begun);
            return begun;
          });

  @AfterEach
  void endThread() {
    thread.shutdownNow();
  }

  /** Waits in another engine, and has begun to when this returns. */
  private Future<Integer> waiting(Pinnace other, Container container, WaitCondition condition) {
    Callable<Integer> wait =
        () -> other.containers().get(container.id().hex()).await(condition, LONG);
    Future<Integer> waiting = thread.submit(wait);
    eventually(() -> waiting.isDone() || waitsForAnEvent());
    assertThat(waiting.isDone()).isFalse();
    return waiting;
  }

  private boolean waitsForAnEvent() {
    Thread begun = waiter.get();
    return begun != null
        && Arrays.stream(begun.getStackTrace())
            .anyMatch(frame -> frame.toString().contains("WatchService.poll("));
  }

  /** One that ends with {@code code} once {@link #release} is called. */
  private static ContainerSpecBuilder held(int code) {
    return shell("while [ ! -e /go ]; do busybox sleep 0.05; done; exit " + code);
  }

  private static void release(Container container) {
    assertThat(container.execute("busybox", "touch", "/go").exitCode()).isZero();
  }

  @Test
  void notRunning_isTheEndForGood() {
    Container container = engine.containers().start(shell("exit 3"));
    assertThat(container.await(WaitCondition.NOT_RUNNING, LONG)).isEqualTo(3);
    assertThat(container.await(WaitCondition.NOT_RUNNING, Duration.ZERO)).isEqualTo(3);
    container.remove(false);
  }

  @Test
  void notRunning_ofWhatWasNeverStarted_isAConflict() {
    Container container = engine.containers().create(waiting());
    assertThatThrownBy(() -> container.await(WaitCondition.NOT_RUNNING, LONG))
        .isInstanceOf(ConflictException.class);
    container.remove(false);
  }

  @Test
  void nextExit_isThatOfAStartToCome() throws Exception {
    Container container = engine.containers().start(shell("exit 4"));
    container.await();
    try (Pinnace other = engine()) {
      Future<Integer> next = waiting(other, container, WaitCondition.NEXT_EXIT);
      container.start();
      assertThat(next.get()).isEqualTo(4);
    }
    container.remove(false);
  }

  /** The end and its event come between two looks at it. */
  @Test
  void nextExit_thatIsFollowedByTheRemoval_isNotLost() throws Exception {
    Container container = engine.containers().start(held(8).autoRemove());
    try (Pinnace other = engine()) {
      Future<Integer> next = waiting(other, container, WaitCondition.NEXT_EXIT);
      release(container);
      assertThat(next.get()).isEqualTo(8);
    }
  }

  /** Between two runs, where {@code await()} goes on. */
  @Test
  void nextExit_isThatOfOneRun() throws Exception {
    Container container =
        engine.containers().start(shell("sleep 1; exit 5").restart(RestartPolicy.always()));
    assertThat(container.await(WaitCondition.NEXT_EXIT, LONG)).isEqualTo(5);
    assertThatThrownBy(() -> container.await(WaitCondition.NOT_RUNNING, SHORT))
        .isInstanceOf(TimedOutException.class);
    container.remove(true);
  }

  @Test
  void nextExit_ofWhatIsRemovedBefore_isNotFound() throws Exception {
    Container container = engine.containers().create(shell("exit 4"));
    try (Pinnace other = engine()) {
      Future<Integer> next = waiting(other, container, WaitCondition.NEXT_EXIT);
      container.remove(false);
      assertThatThrownBy(next::get).hasCauseInstanceOf(NotFoundException.class);
    }
  }

  /** It tells nobody. */
  @Test
  void nextExit_whenTheSupervisorIsKilled_isUnknown() throws Exception {
    Container container = engine.containers().start(waiting());
    try (Pinnace other = engine()) {
      Future<Integer> next = waiting(other, container, WaitCondition.NEXT_EXIT);
      Processes.kill(Processes.supervisors(root()));
      assertThat(next.get()).isEqualTo(ExitStatus.UNKNOWN);
    }
    container.remove(true);
  }

  /** On a full disk, for instance. */
  @Test
  void nextExit_thatNobodyCanTell_isUnknown() throws Exception {
    Path current = root().resolve("events/current");
    Path away = Files.move(current, root().resolve("events/away"));
    Files.createDirectory(current);
    try {
      Container container = engine.containers().start(held(5).restart(RestartPolicy.always()));
      try (Pinnace other = engine()) {
        Future<Integer> next = waiting(other, container, WaitCondition.NEXT_EXIT);
        release(container);
        assertThat(next.get()).isEqualTo(ExitStatus.UNKNOWN);
      }
      container.remove(true);
    } finally {
      Files.delete(current);
      Files.move(away, current);
    }
  }

  @ParameterizedTest
  @EnumSource
  void waits_endWithTheirEngine(WaitCondition condition) throws Exception {
    Container container = engine.containers().start(waiting());
    Pinnace other = engine();
    Future<Integer> waiting =
        thread.submit(() -> other.containers().get(container.id().hex()).await(condition, LONG));
    eventually(
        () ->
            Optional.ofNullable(waiter.get()).stream()
                .flatMap(begun -> Arrays.stream(begun.getStackTrace()))
                .anyMatch(frame -> frame.toString().contains("EngineContainer.await")));
    other.close();
    assertThatThrownBy(waiting::get).hasCauseInstanceOf(CancelledException.class);
    container.remove(true);
  }

  @Test
  void removed_hasTheLastExitCode() throws Exception {
    Container container = engine.containers().start(held(6).autoRemove());
    try (Pinnace other = engine()) {
      Future<Integer> removal = waiting(other, container, WaitCondition.REMOVED);
      release(container);
      assertThat(removal.get()).isEqualTo(6);
    }
    assertThatThrownBy(() -> container.await(WaitCondition.REMOVED, LONG))
        .isInstanceOf(NotFoundException.class);
  }

  @Test
  void removed_ofWhatHasEnded_andOfWhatNeverRan() throws Exception {
    Container ended = engine.containers().start(shell("exit 7"));
    ended.await();
    Container idle = engine.containers().create(waiting());
    try (Pinnace other = engine()) {
      Future<Integer> first = waiting(other, ended, WaitCondition.REMOVED);
      ended.remove(false);
      assertThat(first.get()).isEqualTo(7);
      Future<Integer> second = waiting(other, idle, WaitCondition.REMOVED);
      idle.remove(false);
      assertThat(second.get()).isEqualTo(ExitStatus.UNKNOWN);
    }
  }

  @ParameterizedTest
  @EnumSource
  void waits_endAtTheirLimit_andWhenInterrupted(WaitCondition condition) {
    Container container = engine.containers().start(waiting());
    assertThatThrownBy(() -> container.await(condition, SHORT))
        .isInstanceOf(TimedOutException.class);
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> container.await(condition, LONG))
        .isInstanceOf(CancelledException.class);
    assertThat(Thread.interrupted()).isTrue();
    container.remove(true);
  }

  /** As a run is at its end, by another thread, between two looks at its files. */
  @Test
  void await_ofWhatIsRemovedMeanwhile_tellsHowItEndedWhereThatWasSeen() {
    Container container = engine.containers().start(shell("exit 9"));
    assertThat(container.await().code()).isEqualTo(9);
    removeAtALook(container);
    try {
      while (engine.containers().find(container.id().hex()).isPresent()) {
        assertThat(container.await().code()).isEqualTo(9); // until its connection is forgotten
      }
    } finally {
      FaultPoints.listen(point -> {});
    }
    assertThat(container.await().code()).isEqualTo(9);
  }

  @Test
  void await_ofWhatIsRemovedMeanwhile_findsNoneWhereItsEndWasNotSeen() {
    Container container = engine.containers().start(shell("exit 9"));
    container.await();
    try (Pinnace other = engine()) {
      Container unseen = other.containers().get(container.id().hex());
      removeAtALook(container);
      assertThatThrownBy(unseen::await).isInstanceOf(NotFoundException.class);
    } finally {
      FaultPoints.listen(point -> {});
    }
  }

  private static void removeAtALook(Container container) {
    AtomicBoolean removed = new AtomicBoolean();
    FaultPoints.listen(
        point -> {
          if (point.equals("exit record sought") && removed.compareAndSet(false, true)) {
            container.remove(false);
          }
        });
  }
}
