package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.Container;
import dev.pinnace.Subscription;
import dev.pinnace.spec.ContainerFilter;
import dev.pinnace.spec.ContainerState;
import dev.pinnace.spec.ContainerStatus;
import dev.pinnace.spec.Signal;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two JVMs on one root. */
class TwoEnginesTest extends EngineFixture {
  private static final String WAIT =
      "trap 'exit 0' TERM; echo ready; while :; do busybox sleep 0.05; done";

  private Peer peer;

  @BeforeEach
  void startPeer() {
    peer = Peer.start(root(), runDirectory());
  }

  @AfterEach
  void endPeer() {
    peer.close();
  }

  @Test
  void second_seesUsesStopsAndRemovesWhatTheFirstStarted() {
    ready(engine.containers().start(waiting().name("first")));
    assertThat(peer.ask("list")).isEqualTo("first=RUNNING");
    assertThat(peer.ask("log", "first")).isEqualTo("ready|");
    assertThat(peer.ask("exec", "first", "echo $((6*7))")).isEqualTo("42");
    assertThat(peer.ask("follow", "first")).isIn("ok", "line ready");
    peer.hear();
    assertThat(peer.ask("stop", "first")).isEqualTo("ok");
    assertThat(engine.containers().get("first").inspect().status())
        .isEqualTo(ContainerStatus.EXITED);
    assertThat(peer.ask("remove", "first")).isEqualTo("ok");
    assertThat(engine.containers().find("first")).isEmpty();
  }

  @Test
  void first_hearsOfTheEndThatTheSecondBrought() {
    assertThat(peer.ask("start", "theirs", "bound", WAIT)).hasSize(64);
    Container theirs = ready(engine.containers().get("theirs"));
    theirs.kill(Signal.KILL);
    assertThat(peer.ask("await", "theirs")).isEqualTo("exit 137");
    assertThat(theirs.await().code()).isEqualTo(137);
  }

  @Test
  void second_restartsWhatTheFirstStarted() {
    Container mine = ready(engine.containers().start(waiting().name("mine")));
    int pid = mine.inspect().pid().orElseThrow();
    assertThat(peer.ask("restart", "mine")).isEqualTo("ok");
    assertThat(mine.inspect().status()).isEqualTo(ContainerStatus.RUNNING);
    assertThat(mine.inspect().pid().orElseThrow()).isNotEqualTo(pid);
    assertThat(mine.execute("busybox", "true").exitCode()).isZero();
  }

  @Test
  void kill_boundContainersDieWithinASecond_detachedSurviveWithEveryLine() throws Exception {
    peer.ask("start", "bound-a", "bound", WAIT);
    peer.ask("start", "bound-b", "bound,fleeting", WAIT);
    peer.ask(
        "start",
        "kept",
        "detached",
        "i=0; while [ $i -lt 3000 ]; do echo $i; i=$((i+1)); [ $((i%100)) = 0 ] && busybox sleep 0.02; done; exit 0");
    List<Integer> processes = Processes.of(root());
    assertThat(processes).hasSizeGreaterThanOrEqualTo(3);
    List<String> seen = Collections.synchronizedList(new ArrayList<>());
    Container kept = engine.containers().get("kept");
    try (Subscription following = kept.logs().follow(line -> seen.add(line.text()))) {
      peer.kill();
      eventually(
          Duration.ofSeconds(1),
          () -> !engine.containers().get("bound-a").inspect().status().isAlive());
      assertThat(kept.inspect().status().isAlive()).isTrue();
      assertThat(following.await(Duration.ofSeconds(30))).isTrue();
    }
    assertThat(seen).isEqualTo(IntStream.range(0, 3000).mapToObj(Integer::toString).toList());
    assertThat(kept.await().code()).isZero();
    assertThat(engine.containers().get("bound-a").inspect().exit().orElseThrow().remark())
        .contains("engine");
    eventually(Duration.ofSeconds(1), () -> Processes.alive(processes).isEmpty());
    engine.close();
    engine = engine();
    assertThat(engine.containers().list(ContainerFilter.all()))
        .as("what was to be removed at its end is removed by the next engine")
        .extracting(ContainerState::name)
        .containsExactlyInAnyOrder("bound-a", "kept");
  }

  @Test
  void kill_supervisor_isToldAsUnknown() throws IOException {
    Container container = ready(engine.containers().start(waiting().name("victim")));
    int pid = container.inspect().pid().orElseThrow();
    Processes.kill(Processes.supervisors(root()));
    eventually(Duration.ofSeconds(1), () -> Processes.alive(List.of(pid)).isEmpty());
    assertThat(container.await(Duration.ofSeconds(5)).isKnown()).isFalse();
    assertThat(container.inspect().exit().orElseThrow().remark()).contains("supervisor killed");
    container.start();
    assertThat(container.inspect().status().isAlive()).isTrue();
  }

  @Test
  void engine_addsNoShutdownHook() {
    peer.ask("start", "x", "bound,fleeting", WAIT);
    assertThat(peer.ask("hooks"))
        .as("the JDK's own, if somebody has logged by it")
        .matches("hooks (java\\.util\\.logging\\.LogManager\\$Cleaner)?");
  }
}
