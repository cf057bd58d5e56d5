package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.Subscription;
import dev.pinnace.error.CancelledException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.TimedOutException;
import dev.pinnace.event.Event;
import dev.pinnace.event.EventFilter;
import dev.pinnace.spec.CommitSpec;
import dev.pinnace.spec.ContainerSpec;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.Health;
import dev.pinnace.spec.Health.Check;
import dev.pinnace.spec.Health.Status;
import dev.pinnace.spec.HealthSpec;
import dev.pinnace.spec.Ready;
import dev.pinnace.spec.WaitCondition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Checks of containers' health. */
class HealthTest extends EngineFixture {
  private static final Duration LONG = Duration.ofSeconds(60);

  private static HealthSpec check(String script) {
    return HealthSpec.command("busybox", "sh", "-c", script)
        .withInterval(Duration.ofMillis(20))
        .withRetries(2);
  }

  private Container started(ContainerSpecBuilder spec) {
    return engine.containers().start(spec);
  }

  private static Health health(Container container) {
    return container.inspect().health().orElseThrow();
  }

  private static void become(Container container, Status status) {
    eventually(Duration.ofSeconds(30), () -> health(container).status() == status);
  }

  private static Path file(Container container, String name) throws IOException {
    for (Path run : children(runDirectory())) {
      Path file = run.resolve(container.id().hex()).resolve(name);
      if (Files.exists(run.resolve(container.id().hex()))) {
        return file;
      }
    }
    throw new AssertionError("no run directory of " + container);
  }

  @Test
  void check_startingHealthyUnhealthy_andEvents() {
    List<String> told = Collections.synchronizedList(new ArrayList<>());
    EventFilter changes = EventFilter.all().action(Event.Action.HEALTH_STATUS);
    try (Subscription events =
        engine.onEvent(changes, event -> told.add(event.details().get("healthStatus")))) {
      Container container = started(waiting().health(check("echo looked; test -e /go")));
      become(container, Status.UNHEALTHY);
      assertThat(health(container).failingStreak()).isGreaterThan(1);
      container.execute("busybox", "touch", "/go");
      container.awaitReady(Ready.healthy(), LONG);
      assertThat(health(container).failingStreak()).isZero();
      container.execute("busybox", "rm", "/go");
      become(container, Status.UNHEALTHY);
      eventually(() -> told.size() == 3);
      assertThat(told).containsExactly("unhealthy", "healthy", "unhealthy");
      eventually(() -> health(container).log().size() == 5);
      Check last = health(container).log().get(4);
      assertThat(last.output()).isEqualTo("looked\n");
      assertThat(last.exitCode()).isEqualTo(1);
      assertThat(last.end()).isAfter(last.start());
      container.stop();
      assertThat(health(container).status()).isEqualTo(Status.UNHEALTHY);
      container.start();
      become(container, Status.UNHEALTHY);
    }
  }

  @Test
  void startPeriod_failuresDoNotCount() {
    Container container =
        started(
            waiting()
                .health(
                    check("exit 3")
                        .withStartPeriod(LONG.multipliedBy(10))
                        .withStartInterval(Duration.ofMillis(10))));
    eventually(() -> health(container).log().size() == 5);
    assertThat(health(container).status()).isEqualTo(Status.STARTING);
    assertThat(health(container).failingStreak()).isZero();
    assertThatThrownBy(() -> container.awaitReady(Ready.healthy(), Duration.ofMillis(50)))
        .isInstanceOf(TimedOutException.class)
        .hasMessageContaining("its health check to succeed");
  }

  @Test
  void hangingCheck_isKilledWithItsProcessTree() {
    Container container =
        started(
            waiting()
                .health(
                    check("echo begun; (busybox sleep 7791 &); busybox sleep 7792")
                        .withTimeout(Duration.ofSeconds(2))
                        .withInterval(Duration.ofSeconds(1))));
    eventually(() -> !health(container).log().isEmpty());
    Check late = health(container).log().get(0);
    assertThat(late.exitCode()).isEqualTo(-1);
    assertThat(late.output()).isEqualTo("killed at its time limit, 2s; it wrote: begun\n");
    eventually(() -> container.top().stream().noneMatch(p -> p.command().contains("sleep 779")));
    become(container, Status.UNHEALTHY);
  }

  @Test
  void programThatIsNotThere_andLongOutput() {
    Container absent =
        started(
            waiting()
                .health(
                    HealthSpec.command("/absent")
                        .withRetries(1)
                        .withInterval(Duration.ofMillis(10))));
    become(absent, Status.UNHEALTHY);
    assertThat(health(absent).log().get(0).exitCode()).isEqualTo(127);
    assertThat(health(absent).log().get(0).output()).contains("/absent");
    Container long5000 =
        started(waiting().health(check("busybox head -c 5000 /dev/zero | busybox tr '\\0' x")));
    become(long5000, Status.HEALTHY);
    assertThat(health(long5000).log().get(0).output()).isEqualTo("x".repeat(4096));
  }

  @Test
  void ofTheImage_orOverridden_orNone() {
    Container made = engine.containers().create(waiting());
    made.commit(
        CommitSpec.named("localhost/checked")
            .withChange("HEALTHCHECK --interval=20ms --retries=1 CMD [\"busybox\", \"false\"]"));
    ContainerSpecBuilder[] specs = new ContainerSpecBuilder[3];
    for (int i = 0; i < specs.length; i++) {
      specs[i] = ContainerSpec.image("localhost/checked").command("busybox", "sleep", "600");
    }
    become(started(specs[0]), Status.UNHEALTHY);
    become(started(specs[1].health(check("exit 0"))), Status.HEALTHY);
    assertThat(started(specs[2].noHealth()).inspect().health()).isEmpty();
    assertThatThrownBy(() -> shell("true").noHealth().health(check("exit 0")))
        .isInstanceOf(InvalidSpecException.class);
    assertThatThrownBy(() -> started(waiting().health(HealthSpec.image().withRetries(1))))
        .isInstanceOf(InvalidSpecException.class);
  }

  @Test
  void withoutCheck_thereIsNothing() throws IOException {
    Container container = ready(started(waiting()));
    container.execute("busybox", "true");
    assertThat(container.inspect().health()).isEmpty();
    assertThat(file(container, "health")).doesNotExist();
    assertThat(file(container, "health.lock")).doesNotExist();
    assertThat(Thread.getAllStackTraces().values().stream())
        .noneMatch(
            stack ->
                List.of(stack).stream()
                    .anyMatch(frame -> frame.getClassName().endsWith("HealthWatch")));
    assertThatThrownBy(() -> container.awaitReady(Ready.healthy(), LONG))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("has no health check");
  }

  /** What it has left may be there for good. */
  @Test
  void checkThatLeavesItsOutputOpen_isJudgedByItsExitCode_andWhatItLeftLives() {
    Container container =
        started(waiting().health(check("echo well; busybox sleep 7797 & exit 0")));
    become(container, Status.HEALTHY);
    assertThat(health(container).log().get(0).output()).isEqualTo("well\n");
    assertThat(container.top()).anyMatch(p -> p.command().contains("sleep 7797"));
  }

  @Test
  void pausedDuringACheck_nothingIsFound() throws InterruptedException {
    HealthSpec slow =
        check("echo x >>/begun; until [ -e /go ]; do busybox sleep 0.02; done")
            .withTimeout(Duration.ofSeconds(5));
    Container container = started(waiting().health(slow));
    eventually(() -> container.execute("busybox", "test", "-e", "/begun").exitCode() == 0);
    container.pause();
    Thread.sleep(5500);
    container.unpause();
    container.execute("busybox", "touch", "/go");
    container.awaitReady(Ready.healthy(), LONG);
    assertThat(health(container).log()).extracting(Check::exitCode).containsOnly(0);
  }

  /** How often it was checked. */
  private static int count(Container container) {
    return (int) container.execute("busybox", "cat", "/count").stdout().lines().count();
  }

  private static void awaitFurtherChecks(Container container) {
    int before = count(container);
    eventually(Duration.ofSeconds(30), () -> count(container) > before + 1);
  }

  @Test
  void severalEngines_checkItOneAfterTheOther() {
    String alone =
        "busybox mkdir /in || >/both; echo x >>/count; busybox sleep 0.1; busybox rmdir /in";
    try (Pinnace first = engine();
        Pinnace second = engine()) {
      Container container = engine.containers().start(waiting().health(check(alone)));
      eventually(() -> container.execute("busybox", "test", "-e", "/count").exitCode() == 0);
      try (Subscription one = first.containers().get(container.name()).logs().follow(line -> {});
          Subscription other =
              second.containers().get(container.name()).logs().follow(line -> {})) {
        for (int i = 0; i < 5; i++) {
          awaitFurtherChecks(container);
        }
      }
      assertThat(container.execute("busybox", "test", "-e", "/both").exitCode()).isEqualTo(1);
    }
  }

  @Test
  void anotherEngine_takesOver() {
    Pinnace first = engine();
    Container container =
        first
            .containers()
            .start(waiting().detached().health(check("echo x >>/count; test -e /go")));
    Container seen = engine.containers().get(container.name());
    try (Subscription log = seen.logs().follow(line -> {})) { // in view of both
      become(seen, Status.UNHEALTHY);
      first.close();
      awaitFurtherChecks(seen);
      seen.execute("busybox", "touch", "/go");
      seen.awaitReady(Ready.healthy(), LONG);
    }
  }

  /** A container that the peer alone has in view, and checks. */
  private Container checkedBy(Peer peer, String script) {
    Container seen;
    try (Pinnace first = engine()) {
      Container container =
          first
              .containers()
              .start(waiting().detached().health(check("echo x >>/count; " + script)));
      seen = engine.containers().get(container.name());
      assertThat(peer.ask("follow", container.name())).isIn("ok", "line ready");
    }
    awaitFurtherChecks(seen);
    return seen;
  }

  @Test
  void anotherEngine_takesOver_fromAKilledJvm() throws Exception {
    try (Peer peer = Peer.start(root(), runDirectory())) {
      Container seen = checkedBy(peer, "test -e /go");
      become(seen, Status.UNHEALTHY);
      peer.kill();
      seen.execute("busybox", "touch", "/go");
      seen.awaitReady(Ready.healthy(), LONG);
    }
  }

  @Test
  void check_endsWithItsJvm() throws Exception {
    try (Peer peer = Peer.start(root(), runDirectory())) {
      Container seen = checkedBy(peer, "test -e /go || exit 1; exec busybox sleep 7797");
      seen.execute("busybox", "touch", "/go");
      eventually(() -> seen.top().stream().anyMatch(p -> p.command().contains("sleep 7797")));
      peer.kill();
      eventually(() -> seen.top().stream().noneMatch(p -> p.command().contains("sleep 7797")));
    }
  }

  @Test
  void outOfView_itsHealthStaysAsItWas() throws InterruptedException {
    Pinnace first = engine();
    Container container =
        first.containers().start(waiting().detached().health(check("echo x >>/count")));
    become(container, Status.HEALTHY);
    first.close();
    Container seen = engine.containers().get(container.name());
    int checks = count(seen);
    Health left = health(seen);
    assertThat(left.status()).isEqualTo(Status.HEALTHY);
    Thread.sleep(1500); // whoever looked after it would have checked it again
    assertThat(health(seen)).isEqualTo(left);
    assertThat(count(seen)).isEqualTo(checks);
  }

  @Test
  void waitedFor_itIsInView() throws Exception {
    Pinnace first = engine();
    Container container =
        first.containers().start(waiting().detached().health(check("echo x >>/count")));
    become(container, Status.HEALTHY);
    first.close();
    Container seen = engine.containers().get(container.name());
    for (WaitCondition condition :
        new WaitCondition[] {WaitCondition.NEXT_EXIT, WaitCondition.REMOVED}) {
      try (Pinnace other = engine()) {
        Container theirs = other.containers().get(container.name());
        Thread waiter = new Thread(() -> awaitUntilClosed(theirs, condition));
        waiter.start();
        awaitFurtherChecks(seen);
        other.close();
        waiter.join();
      }
    }
  }

  private static void awaitUntilClosed(Container container, WaitCondition condition) {
    assertThatThrownBy(() -> container.await(condition, LONG))
        .isInstanceOf(CancelledException.class);
  }

  @Test
  void ended_itsHealthIsThatOfItsLastRun() {
    String second = "[ ! -e /first ] || >/second; >/first; echo ready; exec busybox sleep 600";
    Container container =
        started(
            shell(second)
                .health(
                    check("[ ! -e /second ] || exec busybox sleep 600")
                        .withInterval(Duration.ofMillis(300))));
    become(container, Status.HEALTHY);
    container.stop(Duration.ZERO);
    assertThat(health(container).status()).isEqualTo(Status.HEALTHY);
    container.start();
    eventually(() -> container.logs().text().equals("ready\nready\n"));
    assertThat(health(container).status()).isEqualTo(Status.STARTING);
    container.stop(Duration.ZERO);
    assertThat(container.inspect().health()).isEmpty();
  }

  @Test
  void close_killsTheCheckThatIsUnderWay() {
    Pinnace closing = engine();
    Container container =
        closing
            .containers()
            .start(waiting().detached().health(check("busybox sleep 7795; exit 1")));
    Container seen = engine.containers().get(container.name());
    eventually(() -> seen.top().stream().anyMatch(p -> p.command().contains("sleep 7795")));
    closing.close();
    eventually(() -> seen.top().stream().noneMatch(p -> p.command().contains("sleep 7795")));
    assertThat(health(seen).log()).isEmpty();
  }

  @Test
  void removed_andEnded_whileItIsChecked() {
    Container container = started(shell("busybox sleep 0.3").autoRemove().health(check("exit 0")));
    container.await();
    Container again = started(waiting().health(check("busybox sleep 1")));
    again.remove(true);
    assertThat(engine.containers().find(again.name())).isEmpty();
  }
}
