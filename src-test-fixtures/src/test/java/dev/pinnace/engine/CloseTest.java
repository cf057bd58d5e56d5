package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import com.google.common.util.concurrent.Uninterruptibles;
import dev.pinnace.Container;
import dev.pinnace.Containers;
import dev.pinnace.Images;
import dev.pinnace.Pinnace;
import dev.pinnace.Subscription;
import dev.pinnace.error.CancelledException;
import dev.pinnace.internal.durable.FaultPoints;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.LockFile;
import dev.pinnace.spec.ContainerFilter;
import dev.pinnace.spec.ContainerState;
import dev.pinnace.spec.ContainerStatus;
import dev.pinnace.spec.Signal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The end of an engine. */
class CloseTest extends EngineFixture {
  @Test
  void close_stopsBoundContainersAtOnceAndTogether() {
    Pinnace closing =
        Pinnace.builder()
            .root(root())
            .runDirectory(runDirectory())
            .closeTimeout(Duration.ofMillis(500))
            .open();
    for (int i = 0; i < 6; i++) {
      ready(
          closing
              .containers()
              .start(
                  shell("trap '' TERM; echo ready; while :; do busybox sleep 0.05; done")
                      .name("deaf-" + i)));
    }
    ready(closing.containers().start(waiting().name("polite")));
    Container paused = ready(closing.containers().start(waiting().name("paused")));
    paused.pause();
    closing.close();
    assertThat(engine.containers().list(ContainerFilter.all()))
        .hasSize(8)
        .allMatch(c -> c.status() == ContainerStatus.EXITED)
        .allMatch(c -> c.exit().orElseThrow().stopped());
    assertThat(engine.containers().get("polite").inspect().exit().orElseThrow().code()).isZero();
    assertThat(engine.containers().get("deaf-0").inspect().exit().orElseThrow().code())
        .isEqualTo(137);
    closing.close();
  }

  @Test
  void close_onAnInterruptedThread_stopsWithGraceAndWaits() {
    Pinnace closing = engine();
    Container polite = ready(closing.containers().start(waiting().name("polite")));
    Thread.currentThread().interrupt();
    closing.close();
    assertThat(Thread.interrupted()).isTrue();
    ContainerState state = engine.containers().get(polite.name()).inspect();
    assertThat(state.status()).isEqualTo(ContainerStatus.EXITED);
    assertThat(state.exit().orElseThrow().code()).isZero();
  }

  @Test
  void close_shorterStopTimeoutOfAContainer_countsForIt() {
    Pinnace closing =
        Pinnace.builder()
            .root(root())
            .runDirectory(runDirectory())
            .closeTimeout(Duration.ofSeconds(60))
            .open();
    Container deaf =
        closing
            .containers()
            .start(
                shell("trap '' TERM; echo ready; while :; do busybox sleep 0.05; done")
                    .stopTimeout(Duration.ofMillis(100)));
    ready(deaf);
    long begun = System.nanoTime();
    closing.close();
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(60));
    assertThat(engine.containers().get(deaf.name()).await().code()).isEqualTo(137);
  }

  @Test
  void close_leavesDetachedAndOthersAlone() {
    Container mine = ready(engine.containers().start(waiting().name("mine")));
    try (Pinnace closing = engine()) {
      ready(closing.containers().start(waiting().name("detached").detached()));
      assertThat(closing.containers().get("mine").inspect().status().isAlive()).isTrue();
    }
    assertThat(mine.inspect().status()).isEqualTo(ContainerStatus.RUNNING);
    Container detached = engine.containers().get("detached");
    assertThat(detached.inspect().status()).isEqualTo(ContainerStatus.RUNNING);
    assertThat(detached.execute("busybox", "true").exitCode()).isZero();
  }

  @Test
  void close_autoRemovedContainersAreGone() {
    try (Pinnace closing = engine()) {
      ready(closing.containers().start(waiting().name("fleeting").autoRemove()));
      ready(closing.containers().scoped(waiting().name("scoped")));
    }
    assertThat(engine.containers().list(ContainerFilter.all())).isEmpty();
  }

  @Test
  void close_endsFollowersAndWaitersOfDetachedContainers() throws Exception {
    Pinnace closing = engine();
    Container detached = ready(closing.containers().start(waiting().name("on").detached()));
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      Subscription following = detached.logs().follow(line -> {});
      Future<?> waiter = threads.submit(() -> detached.await());
      Thread.sleep(100);
      closing.close();
      assertThat(following.await(Duration.ofSeconds(1))).isTrue();
      assertThatThrownBy(waiter::get).hasCauseInstanceOf(CancelledException.class);
    } finally {
      threads.shutdownNow();
    }
    assertThat(engine.containers().get("on").inspect().status().isAlive()).isTrue();
  }

  @Test
  void close_whileARunIsUnderWay_endsIt() throws Exception {
    Pinnace closing = engine();
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try {
      Future<Integer> code =
          thread.submit(() -> closing.containers().run(shell("exec busybox sleep 60")).exitCode());
      eventually(() -> engine.info().running() == 1);
      closing.close();
      assertThat(code.get()).isIn(137, 143);
    } finally {
      thread.shutdownNow();
    }
  }

  @Test
  void close_whileARunReadsItsOutput_waitsForIt() throws Exception {
    Pinnace closing = engine();
    ExecutorService thread = Executors.newSingleThreadExecutor();
    CountDownLatch ended = new CountDownLatch(1);
    FaultPoints.listen(
        point -> {
          if (point.equals("run ended")) {
            ended.countDown();
            Uninterruptibles.sleepUninterruptibly(Duration.ofMillis(500));
          }
        });
    try {
      Future<String> output =
          thread.submit(() -> closing.containers().run(shell("echo read")).stdout());
      assertThat(ended.await(10, TimeUnit.SECONDS)).isTrue();
      closing.close();
      assertThat(output.get()).isEqualTo("read\n");
    } finally {
      FaultPoints.listen(point -> {});
      thread.shutdownNow();
    }
  }

  @Test
  void close_interruptedBeforeASupervisorEnds_leavesItsZombieToTheNextEngine() throws Exception {
    Pinnace closing =
        Pinnace.builder()
            .root(root())
            .runDirectory(runDirectory())
            .closeTimeout(Duration.ofMinutes(1))
            .open();
    ready(
        closing
            .containers()
            .start(
                shell("trap '' TERM; echo ready; while :; do busybox sleep 0.05; done")
                    .stopTimeout(Duration.ofMinutes(1))));
    Path supervisor = Path.of("/proc/" + Processes.supervisors(root()).get(0));
    Thread closer = new Thread(closing::close);
    closer.setUncaughtExceptionHandler((thread, cancelled) -> {});
    closer.start();
    Thread.sleep(200);
    closer.interrupt();
    closer.join();
    eventually(() -> !Files.exists(supervisor.resolve("fd/0"))); // its files are closed first
    eventually(
        () -> {
          engine().close();
          return !Files.exists(supervisor);
        });
  }

  @Test
  void close_whileSomebodyElseChangesAScopedContainer_leavesItToTheNextEngine() throws Exception {
    Pinnace closing = engine();
    Container scoped = ready(closing.containers().scoped(waiting().name("scoped")));
    Path directory = children(runDirectory()).get(0).resolve(scoped.id().hex());
    try (Dir dir = Dir.open(directory);
        LockFile lock = LockFile.open(dir, "edit")) {
      assertThat(lock.tryLock(LockFile.Mode.EXCLUSIVE)).isTrue();
      assertTimeout(Duration.ofSeconds(30), closing::close);
      assertThat(directory).isDirectory();
    }
    engine().close();
    assertThat(directory).doesNotExist();
  }

  @Test
  void close_thatFails_goesOnToTheEnd() {
    Pinnace closing = engine();
    ready(closing.containers().scoped(waiting().name("scoped")));
    ready(closing.containers().start(waiting().name("bound")));
    Set<Thread> threads = engineThreads();
    AssertionError failure = new AssertionError("injected");
    FaultPoints.listen(
        point -> {
          if (point.equals("record removed")) {
            throw failure;
          }
        });
    try {
      assertThatThrownBy(closing::close).isSameAs(failure);
    } finally {
      FaultPoints.listen(point -> {});
    }
    eventually(() -> threads.stream().filter(Thread::isAlive).count() < threads.size());
    closing.close();
    try (Pinnace next = engine()) {
      assertThat(next.containers().list(ContainerFilter.all()))
          .allMatch(c -> c.name().equals("bound") && c.status() == ContainerStatus.EXITED);
    }
  }

  @Test
  void close_whileOthersList_refusesThemAsACloseThatIsOver() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(3);
    try {
      for (int round = 0; round < 10; round++) {
        Pinnace closing = engine();
        Containers containers = closing.containers();
        Container detached = ready(containers.start(waiting().detached()));
        List<Future<Throwable>> refusals = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
          refusals.add(threads.submit(() -> catchThrowable(() -> listForEver(containers))));
        }
        Thread.sleep(5L * round);
        closing.close();
        for (Future<Throwable> refusal : refusals) {
          assertThat(refusal.get())
              .isInstanceOf(IllegalStateException.class)
              .hasMessage("the engine on " + root() + " is closed");
        }
        engine.containers().get(detached.id().hex()).remove(true);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static void listForEver(Containers containers) {
    while (true) {
      assertThat(containers.list(ContainerFilter.all())).hasSize(1);
    }
  }

  @Test
  void closed_refusesUse() {
    Pinnace closing = engine();
    Containers containers = closing.containers();
    Images images = closing.images();
    Container container = containers.create(waiting().name("kept"));
    closing.close();
    List<Runnable> uses =
        List.of(
            closing::containers,
            closing::images,
            closing::info,
            () -> containers.create(waiting()),
            () -> containers.start(waiting()),
            () -> containers.run(waiting()),
            () -> containers.list(ContainerFilter.all()),
            () -> containers.find("kept"),
            () -> images.list(),
            () -> images.fromHost("busybox"),
            container::inspect,
            container::start,
            container::stop,
            container::await,
            container::pause,
            () -> container.kill(Signal.KILL),
            () -> container.remove(true),
            () -> container.execute("busybox"),
            () -> container.logs().read());
    for (Runnable use : uses) {
      assertThatThrownBy(use::run)
          .as("use number %d", uses.indexOf(use))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("is closed");
    }
    assertThat(container).isEqualTo(engine.containers().get("kept"));
    assertThat(container.toString()).contains("kept");
  }

  @Test
  void openAndClose_fiftyTimes_leavesNoThreadAndNoDescriptor() throws Exception {
    Container detached = ready(engine.containers().start(waiting().name("on").detached()));
    Set<Thread> threads = engineThreads();
    use();
    eventually(() -> threads.containsAll(engineThreads()));
    List<String> descriptors = descriptors();
    for (int i = 0; i < 50; i++) {
      use();
    }
    eventually(() -> threads.containsAll(engineThreads()));
    assertThat(descriptors()).hasSizeLessThanOrEqualTo(descriptors.size());
    assertThat(detached.inspect().status().isAlive()).isTrue();
  }

  private static void use() {
    try (Pinnace used = engine()) {
      assertThat(used.containers().run(shell("echo x")).stdout()).isEqualTo("x\n");
      Container detached = used.containers().get("on");
      assertThat(detached.inspect().status().isAlive()).isTrue();
      assertThat(detached.execute("busybox", "echo", "y").stdout()).isEqualTo("y\n");
      Subscription unused = detached.logs().follow(line -> {});
    }
  }

  /**
   * Those of all engines, which on one root have the same names. An idle one of an engine that goes
   * on may end after a minute.
   */
  private static Set<Thread> engineThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("pinnace"))
        .collect(Collectors.toSet());
  }

  private static List<String> descriptors() throws IOException {
    List<String> targets = new ArrayList<>();
    for (Path descriptor : children(Path.of("/proc/self/fd"))) {
      try {
        targets.add(Files.readSymbolicLink(descriptor).toString());
      } catch (IOException closed) {
        targets.remove(descriptor.toString());
      }
    }
    return targets;
  }

  @Test
  void open_setsNoSystemProperty() {
    Set<String> properties = Set.copyOf(System.getProperties().stringPropertyNames());
    use0();
    assertThat(System.getProperties().stringPropertyNames()).isEqualTo(properties);
  }

  private static void use0() {
    try (Pinnace used = engine()) {
      assertThat(used.containers().run(shell("exit 0")).exitCode()).isZero();
    }
  }
}
