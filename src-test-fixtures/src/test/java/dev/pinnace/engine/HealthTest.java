package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.Subscription;
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
      assertThat(health(container).status()).isIn(Status.STARTING, Status.UNHEALTHY);
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
                        .withTimeout(Duration.ofMillis(300))
                        .withInterval(Duration.ofSeconds(1))));
    eventually(() -> !health(container).log().isEmpty());
    Check late = health(container).log().get(0);
    assertThat(late.exitCode()).isEqualTo(-1);
    assertThat(late.output()).isEqualTo("killed at its time limit, 0.3s; it wrote: begun\n");
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
      seen.execute("busybox", "touch", "/go");
      seen.awaitReady(Ready.healthy(), LONG);
    }
  }

  @Test
  void outOfView_itsHealthStaysAsItWas() {
    Pinnace first = engine();
    Container container = first.containers().start(waiting().detached().health(check("exit 0")));
    become(container, Status.HEALTHY);
    first.close();
    Container seen = engine.containers().get(container.name());
    Health left = health(seen);
    assertThat(left.status()).isEqualTo(Status.HEALTHY);
    assertThat(health(seen)).isEqualTo(left);
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
