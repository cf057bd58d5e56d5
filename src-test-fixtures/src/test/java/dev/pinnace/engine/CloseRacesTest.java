package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.common.util.concurrent.Uninterruptibles;
import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.error.ConflictException;
import dev.pinnace.internal.durable.FaultPoints;
import dev.pinnace.spec.CommitSpec;
import dev.pinnace.spec.ContainerFilter;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.ContainerStatus;
import dev.pinnace.spec.Mount;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Calls at whose worst moment the engine is closed, or the container removed. */
class CloseRacesTest extends EngineFixture {
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final CountDownLatch reached = new CountDownLatch(1);
  private final CountDownLatch goOn = new CountDownLatch(1);

  @TempDir private Path marks;

  @AfterEach
  void goOn() {
    FaultPoints.listen(point -> {});
    goOn.countDown();
    threads.shutdownNow();
  }

  /** Whoever comes there first waits for {@link #goOn}. */
  private void holdAt(String held) {
    FaultPoints.listen(
        point -> {
          if (point.equals(held) && reached.getCount() > 0) {
            reached.countDown();
            Uninterruptibles.awaitUninterruptibly(goOn);
          }
        });
  }

  /** Has an engine closed while {@code call} is held, which goes on a moment later. */
  private Throwable closedDuring(Pinnace closing, String point, Runnable call) throws Exception {
    holdAt(point);
    Future<Throwable> failure = threads.submit(() -> catchThrowable(call::run));
    assertThat(reached.await(60, TimeUnit.SECONDS)).isTrue();
    Future<?> close = threads.submit(closing::close);
    eventually(() -> catchThrowable(closing::containers) != null);
    Thread.sleep(100);
    goOn.countDown();
    close.get(20, TimeUnit.SECONDS);
    return failure.get(20, TimeUnit.SECONDS);
  }

  private static void assertRefused(Throwable failure) {
    assertThat(failure)
        .isExactlyInstanceOf(IllegalStateException.class)
        .hasMessage("the engine on " + root() + " is closed");
  }

  private ContainerSpecBuilder marking() {
    return shell("busybox touch /marks/ran; exec busybox sleep 60")
        .mount(Mount.bind(marks).at("/marks"));
  }

  private void assertNothingOfIt(Throwable failure) throws IOException {
    assertRefused(failure);
    assertThat(engine.containers().list(ContainerFilter.all())).isEmpty();
    assertThat(children(marks)).isEmpty();
    assertNothingLeft();
  }

  @Test
  void start_bound_whoseProgramHasNotBegun_neverRuns() throws Exception {
    Pinnace closing = engine();
    assertNothingOfIt(
        closedDuring(
            closing, "written container.json", () -> closing.containers().start(marking())));
  }

  @Test
  void start_detached_whoseProgramHasNotBegun_neverRuns() throws Exception {
    Pinnace closing = engine();
    assertNothingOfIt(
        closedDuring(
            closing,
            "written container.json",
            () -> closing.containers().start(marking().detached())));
  }

  @Test
  void run_whoseProgramHasNotBegun_neverRuns() throws Exception {
    Pinnace closing = engine();
    assertNothingOfIt(
        closedDuring(closing, "written container.json", () -> closing.containers().run(marking())));
  }

  @Test
  void start_ofWhatIsThere_whoseProgramHasNotBegun_canBeStartedByOthers() throws Exception {
    Container there = engine.containers().create(marking().name("there").detached());
    Pinnace closing = engine();
    Container handle = closing.containers().get("there");
    assertRefused(closedDuring(closing, "written container.json", handle::start));
    assertThat(there.inspect().status()).isEqualTo(ContainerStatus.CREATED);
    assertThat(children(marks)).isEmpty();
    FaultPoints.listen(point -> {});
    there.start();
    eventually(() -> Files.exists(marks.resolve("ran")));
  }

  @Test
  void start_detached_whoseProgramHasBegun_succeedsAndGoesOn() throws Exception {
    Pinnace closing = engine();
    Throwable failure =
        closedDuring(
            closing,
            "started",
            () -> closing.containers().start(waiting().detached().name("detached")));
    assertThat(failure).isNull();
    assertThat(engine.containers().get("detached").inspect().status())
        .isEqualTo(ContainerStatus.RUNNING);
  }

  @Test
  void start_boundThatHasBegun_isStoppedLikeTheOthers() throws Exception {
    Pinnace closing = engine();
    Throwable failure =
        closedDuring(closing, "started", () -> closing.containers().start(waiting().name("bound")));
    assertThat(failure).isNull();
    assertThat(engine.containers().get("bound").inspect().status())
        .isEqualTo(ContainerStatus.EXITED);
  }

  @Test
  void start_thatFailsWhenTheEngineIsClosed_isRemovedByTheNextOne() throws Exception {
    Pinnace closing = engine();
    IllegalStateException injected = new IllegalStateException("injected");
    FaultPoints.listen(
        point -> {
          if (point.equals("started")) {
            reached.countDown();
            Uninterruptibles.awaitUninterruptibly(goOn);
            throw injected;
          }
        });
    Future<Throwable> start =
        threads.submit(
            () -> catchThrowable(() -> closing.containers().start(waiting().name("late"))));
    assertThat(reached.await(60, TimeUnit.SECONDS)).isTrue();
    long begun = System.nanoTime();
    closing.close();
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(15));
    goOn.countDown();
    Throwable failure = start.get(60, TimeUnit.SECONDS);
    assertRefused(failure);
    assertThat(failure).hasCause(injected);
    assertThat(engine.containers().list(ContainerFilter.all())).isEmpty();
    engine().close();
    assertNothingLeft();
  }

  @Test
  void close_withSupervisorsThatAnswerNobody_returnsSoon() throws Exception {
    Pinnace closing = engine();
    ready(closing.containers().start(waiting()));
    ready(closing.containers().scoped(waiting()));
    List<Integer> stuck = Processes.supervisors(root());
    assertThat(stuck).hasSize(2);
    signal("STOP", stuck);
    try {
      long begun = System.nanoTime();
      closing.close();
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(15));
    } finally {
      signal("CONT", stuck);
    }
    eventually(() -> Processes.alive(stuck).isEmpty());
    engine().close();
    assertThat(engine.containers().list(ContainerFilter.all()))
        .hasSize(1)
        .allMatch(state -> state.status() == ContainerStatus.EXITED);
  }

  private static void signal(String name, List<Integer> pids) throws Exception {
    for (int pid : pids) {
      new ProcessBuilder("kill", "-" + name, String.valueOf(pid)).inheritIO().start().waitFor();
    }
  }

  @Test
  void readersOfFiles_whenTheContainerIsRemoved_sayThat() {
    for (int way = 0; way < 3; way++) {
      Container container = engine.containers().create(waiting());
      Runnable reading =
          List.<Runnable>of(
                  () -> container.commit(CommitSpec.named("localhost/never")),
                  () -> container.export(OutputStream.nullOutputStream()),
                  container::diff)
              .get(way);
      FaultPoints.listen(
          point -> {
            if (point.equals("lease begun")) {
              FaultPoints.listen(others -> {});
              container.remove(false);
            }
          });
      assertThatThrownBy(reading::run)
          .as("way number %d", way)
          .isInstanceOf(ConflictException.class)
          .hasMessage("container " + container.name() + " was removed while its files were read");
    }
  }
}
