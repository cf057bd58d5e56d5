package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.Subscription;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.NamespaceSpec.NetworkMode;
import dev.pinnace.spec.RestartPolicy;
import dev.pinnace.spec.Stats;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What containers use, as far as this host counts it. */
class StatsTest extends EngineFixture {
  private static final Duration OFTEN = Duration.ofMillis(20);
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final String BUSY = "while :; do :; done";

  @Test
  void stats_countTheTimeOfProcessors() throws Exception {
    Container container = engine.containers().start(shell(BUSY));
    Stats first = container.stats();
    eventually(
        () ->
            container.stats().cpuTime().minus(first.cpuTime()).compareTo(OFTEN.multipliedBy(5))
                > 0);
    Stats second = container.stats();
    assertThat(second.cpuPercentSince(first))
        .isPositive()
        .isLessThanOrEqualTo(100.0 * second.processors());
    assertThat(second.systemCpuTime()).isGreaterThan(first.systemCpuTime());
    assertThat(second.processors())
        .isEqualTo(
            (int)
                Files.readAllLines(Path.of("/proc/stat")).stream()
                    .filter(line -> line.matches("cpu[0-9].*"))
                    .count());
    assertThat(second.read()).isBetween(first.read(), Instant.now());
  }

  /** Whether the cgroup has a file is what tells whether its controller is there. */
  @Test
  void stats_ofWhatIsNotCountedHere_isEmpty() throws Exception {
    Container container = engine.containers().start(waiting());
    Stats stats = container.stats();
    List<String> files =
        children(Cgroups.base(root()).resolve(container.id().hex())).stream()
            .map(file -> file.getFileName().toString())
            .toList();
    assertThat(stats.memory().isPresent()).isEqualTo(files.contains("memory.current"));
    assertThat(stats.memoryLimit().isPresent()).isEqualTo(files.contains("memory.current"));
    assertThat(stats.bytesRead().isPresent()).isEqualTo(files.contains("io.stat"));
    assertThat(stats.bytesWritten().isPresent()).isEqualTo(files.contains("io.stat"));
    assertThat(stats.pids().isPresent()).isEqualTo(files.contains("pids.current"));
    assertThat(stats.bytesReceived()).as("without a network").contains(Bytes.ZERO);
    assertThat(stats.bytesSent()).contains(Bytes.ZERO);
  }

  @Test
  void stats_inTheHostsNetwork_haveNothingOfIt() {
    Container container = engine.containers().start(waiting().network(NetworkMode.HOST));
    Stats stats = container.stats();
    assertThat(stats.bytesReceived()).isEmpty();
    assertThat(stats.bytesSent()).isEmpty();
  }

  @Test
  void stats_ofAPausedContainer_standStill_forAnotherEngineToo() {
    Container container = engine.containers().start(shell(BUSY));
    container.pause();
    Stats paused = container.stats();
    try (Pinnace other = engine()) {
      Stats again = other.containers().get(container.id().hex()).stats();
      assertThat(again.cpuPercentSince(paused)).isZero();
      assertThat(again.cpuTime()).isEqualTo(paused.cpuTime());
    }
    container.unpause();
  }

  @Test
  void stats_ofWhatDoesNotRun_areRefused() {
    Container container = engine.containers().create(waiting().name("idle"));
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(container::stats)
          .isInstanceOf(ConflictException.class)
          .hasMessageContaining("container idle does not run");
      assertThatThrownBy(() -> container.onStats(OFTEN, stats -> {}))
          .isInstanceOf(ConflictException.class)
          .hasMessageContaining("container idle does not run");
      container.start();
      container.stop(Duration.ZERO);
    }
    container.remove(false);
    assertThatThrownBy(container::stats).isInstanceOf(NotFoundException.class);
  }

  @Test
  void onStats_tellsAgainAndAgain_untilTheEnd() {
    Container container = ready(engine.containers().start(waiting()));
    List<Stats> told = new CopyOnWriteArrayList<>();
    try (Subscription following = container.onStats(OFTEN, told::add)) {
      eventually(() -> told.size() >= 3);
      assertThat(following.await(Duration.ZERO)).isFalse();
      assertThat(following)
          .hasToString("subscription to the statistics of container " + container.name());
      container.stop();
      assertThat(following.await(LONG)).isTrue();
      assertThat(following.toString()).endsWith(" (ended)");
    }
    assertThat(told).extracting(Stats::read).isSorted();
    assertThat(told).extracting(Stats::cpuTime).isSorted();
  }

  /** However long the interval is. */
  @Test
  void onStats_tellsTheFirstAtOnce_andEndsWithTheContainer() {
    Container container = ready(engine.containers().start(waiting()));
    List<Stats> told = new CopyOnWriteArrayList<>();
    try (Subscription following = container.onStats(Duration.ofDays(100_000), told::add)) {
      eventually(() -> told.size() == 1);
      container.restart(Duration.ZERO);
      assertThat(following.await(LONG)).isTrue();
    }
    assertThat(told).hasSize(1);
    assertThat(container.stats().read()).isBeforeOrEqualTo(Instant.now());
  }

  @Test
  void onStats_goesOnOverRestartsByThePolicy() {
    Container container =
        engine
            .containers()
            .start(shell("busybox sleep 0.2; exit 1").restart(RestartPolicy.onFailure(2)));
    List<Stats> told = new CopyOnWriteArrayList<>();
    List<Integer> runs = new CopyOnWriteArrayList<>();
    Consumer<Stats> consumer =
        stats -> {
          told.add(stats);
          runs.add(container.inspect().restarts());
        };
    try (Subscription following = container.onStats(OFTEN, consumer)) {
      assertThat(following.await(LONG)).isTrue();
    }
    assertThat(container.inspect().restarts()).isEqualTo(2);
    assertThat(runs).contains(1);
    assertThat(told).extracting(Stats::cpuTime).isSorted();
  }

  @Test
  void onStats_consumerThatThrows_endsIt() {
    Container container = engine.containers().start(waiting());
    IllegalStateException own = new IllegalStateException("mine");
    try (Subscription following =
        container.onStats(
            OFTEN,
            stats -> {
              throw own;
            })) {
      assertThatThrownBy(() -> following.await(LONG)).isSameAs(own);
      assertThatThrownBy(() -> following.await(LONG)).isSameAs(own);
    }
  }

  @Test
  void onStats_closed_callsNoMore_andKeepsNoThread() {
    Container container = engine.containers().start(waiting());
    List<Thread> workers = new CopyOnWriteArrayList<>();
    List<Stats> told = new CopyOnWriteArrayList<>();
    Subscription following =
        container.onStats(
            OFTEN,
            stats -> {
              workers.add(Thread.currentThread());
              told.add(stats);
            });
    eventually(() -> told.size() >= 2);
    following.close();
    int calls = told.size();
    assertThat(following.await(Duration.ZERO)).isTrue();
    container.stop(Duration.ZERO);
    assertThat(told).hasSize(calls);
    engine.close();
    eventually(() -> workers.stream().noneMatch(Thread::isAlive));
    open();
  }

  @Test
  void onStats_endsWithItsEngine() {
    Container container = engine.containers().start(waiting().detached());
    Pinnace other = engine();
    Subscription following =
        other.containers().get(container.id().hex()).onStats(OFTEN, stats -> {});
    other.close();
    assertThat(following.await(LONG)).isTrue();
    assertThat(container.stats().read()).isBeforeOrEqualTo(Instant.now());
  }

  @Test
  void onStats_tooOften_isRefused() {
    Container container = engine.containers().start(waiting());
    for (Duration interval :
        List.of(Duration.ZERO, Duration.ofSeconds(-1), Duration.ofNanos(999_999))) {
      assertThatThrownBy(() -> container.onStats(interval, stats -> {}))
          .isInstanceOf(InvalidSpecException.class)
          .hasMessageContaining("millisecond");
    }
  }
}
