package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.error.CancelledException;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.NotReadyException;
import dev.pinnace.error.StartFailedException;
import dev.pinnace.error.TimedOutException;
import dev.pinnace.event.Event;
import dev.pinnace.event.Event.Action;
import dev.pinnace.event.EventFilter;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.ContainerState;
import dev.pinnace.spec.ContainerStatus;
import dev.pinnace.spec.ExecSpec;
import dev.pinnace.spec.Health.Status;
import dev.pinnace.spec.HealthSpec;
import dev.pinnace.spec.LogSpec;
import dev.pinnace.spec.NamespaceSpec.NetworkMode;
import dev.pinnace.spec.Ready;
import dev.pinnace.spec.RestartPolicy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Waiting until a container is ready for use. */
class ReadyTest extends EngineFixture {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final Duration SHORT = Duration.ofMillis(300);

  private static final byte[] IPV6_LOOPBACK = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

  private Container started(ContainerSpecBuilder spec) {
    return engine.containers().start(spec);
  }

  /** Not ready before its file {@code go} is there. */
  private void assertReadyAfterGo(Container container, Ready ready) {
    assertThatThrownBy(() -> container.awaitReady(ready, SHORT))
        .isInstanceOf(TimedOutException.class);
    container.execute("busybox", "touch", "/go");
    container.awaitReady(ready, LONG);
    container.awaitReady(ready, LONG);
  }

  private static String afterGo(String script) {
    return "echo begun; until [ -e /go ]; do busybox sleep 0.02; done; " + script;
  }

  @Test
  void logLine_countsAPrompt() {
    Container container =
        engine
            .containers()
            .start(shell("echo one; busybox printf 'ready> '; exec busybox sleep 600"));
    container.awaitReady(Ready.logLine("ready>"), LONG);
    assertThatThrownBy(() -> container.awaitReady(Ready.logLine("go>"), Duration.ofMillis(600)))
        .isInstanceOf(TimedOutException.class);
    container.awaitReady(Ready.logLine("one|ready", 2), LONG);
  }

  @Test
  void logLine_sinceItsStart() {
    Container container = started(shell(afterGo("echo well, here; exec busybox sleep 600")));
    assertReadyAfterGo(container, Ready.logLine("^well.*here$"));
    container.awaitReady(Ready.logLine("e"), LONG);
  }

  @Test
  void logLine_soManyTimes_ofBothStreams() {
    Container container =
        started(shell("echo up; " + afterGo("echo up >&2; exec busybox sleep 600")));
    container.awaitReady(Ready.logLine("up", 1), LONG);
    assertReadyAfterGo(container, Ready.logLine("up", 2));
  }

  @Test
  void logLine_ofAnEarlierRun_doesNotCount() {
    Container container =
        started(
            shell("[ ! -e /second ] || exec busybox sleep 600; echo up; " + afterGo(">/second")));
    container.awaitReady(Ready.logLine("up"), LONG);
    container.execute("busybox", "touch", "/go");
    container.await();
    container.start();
    assertThatThrownBy(() -> container.awaitReady(Ready.logLine("up"), SHORT))
        .isInstanceOf(TimedOutException.class);
  }

  /** It keeps its state of the run that has ended until the next one begins. */
  @Test
  void betweenTwoRuns_theEndedOneDoesNotCount() {
    HealthSpec check = HealthSpec.command("busybox", "true").withInterval(Duration.ofMillis(20));
    Container container =
        started(
            shell(
                    "echo up >>/n; echo up; [ $(busybox wc -l </n) -lt 5 ] || busybox sleep 3; exit 1")
                .health(check)
                .restart(RestartPolicy.always()));
    eventually(
        Duration.ofSeconds(40),
        () -> {
          ContainerState state = container.inspect();
          return state.status() == ContainerStatus.RESTARTING
              && state.health().orElseThrow().status() == Status.HEALTHY;
        });
    for (Ready ready : new Ready[] {Ready.healthy(), Ready.logLine("up")}) {
      assertThatThrownBy(() -> container.awaitReady(ready, SHORT))
          .isInstanceOf(TimedOutException.class);
    }
    container.awaitReady(Ready.all(Ready.healthy(), Ready.logLine("up")), LONG);
  }

  @Test
  void logLine_thatCannotBeLookedFor_fails() {
    Container container = started(shell("busybox printf '%09999d\\n' 0; exec busybox sleep 600"));
    Ready deep = Ready.logLine("^(?:(?:0|1)|(?:2|3))*x");
    assertThatThrownBy(() -> container.awaitReady(deep, LONG))
        .isInstanceOf(StackOverflowError.class);
  }

  @Test
  void logLine_withoutALog_isRefused() {
    Container container = started(waiting().log(new LogSpec(Bytes.ZERO, 1)));
    assertThatThrownBy(() -> container.awaitReady(Ready.logLine("ready"), LONG))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("has no log");
  }

  @Test
  void port_ofItsOwnNetwork() {
    Container container = started(shell(afterGo("exec busybox httpd -f -p 8123")));
    assertReadyAfterGo(container, Ready.port(8123));
    assertThatThrownBy(() -> container.awaitReady(Ready.port(8124), SHORT))
        .isInstanceOf(TimedOutException.class)
        .hasMessageContaining("TCP port 8124 to be listened on");
  }

  @Test
  void port_ofIpv6AndOfTheHost() throws IOException {
    Container container = started(waiting().network(NetworkMode.HOST));
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByAddress(IPV6_LOOPBACK))) {
      container.awaitReady(Ready.port(socket.getLocalPort()), LONG);
    }
  }

  @Test
  void command_untilItSucceeds() {
    Container container = started(waiting());
    assertReadyAfterGo(container, Ready.command("busybox", "test", "-e", "/go"));
    assertThatThrownBy(() -> container.awaitReady(Ready.command("/absent"), LONG))
        .isInstanceOf(StartFailedException.class);
  }

  @Test
  void command_thatHangs_isKilledWithAllThatItHasStarted() {
    Container container = started(waiting());
    String script =
        "busybox sleep 7771 & (busybox setsid busybox sh -c 'busybox sleep 7772; :'; :) &"
            + " (busybox sleep 7773 &); [ -e /no ] && exit; busybox sleep 7774; exit 1";
    Ready hanging = Ready.command(ExecSpec.of("busybox", "sh", "-c", script).withTimeout(LONG));
    assertThatThrownBy(() -> container.awaitReady(hanging, Duration.ofSeconds(1)))
        .isInstanceOf(TimedOutException.class);
    eventually(noneOf(container, "sleep 777"));
    container.execute("busybox", "true");
  }

  /** What it leaves may be there for good, and may write. */
  @Test
  void command_thatHasEndedAndLeftItsOutputOpen_hasSucceeded_andWhatItLeftLives() {
    Container container = started(waiting());
    for (String left : new String[] {"busybox sleep 7781", "busybox yes"}) {
      container.awaitReady(Ready.command("busybox", "sh", "-c", left + " & exit 0"), LONG);
    }
    assertThat(noneOf(container, "sleep 7781").getAsBoolean()).isFalse();
  }

  @Test
  void command_isNotToldInEvents() {
    Container container = started(waiting());
    container.awaitReady(Ready.command("busybox", "true"), LONG);
    assertThatThrownBy(() -> container.awaitReady(Ready.command("busybox", "false"), SHORT))
        .isInstanceOf(TimedOutException.class);
    try (Stream<Event> events =
        engine.events(
            EventFilter.all()
                .since(Instant.EPOCH)
                .until(Instant.now())
                .container(container.id()))) {
      assertThat(events).extracting(Event::action).containsExactly(Action.CREATE, Action.START);
    }
  }

  private static BooleanSupplier noneOf(Container container, String command) {
    return () -> container.top().stream().noneMatch(p -> p.command().contains(command));
  }

  @Test
  void all_eachOnce() {
    Container container = started(shell("echo up; " + afterGo("echo more; exec busybox sleep 9")));
    assertReadyAfterGo(
        container, Ready.all(Ready.logLine("up"), Ready.command("busybox", "test", "-e", "/go")));
  }

  @Test
  void all_nested() {
    Container container = started(shell("echo up; " + afterGo("echo more; exec busybox sleep 9")));
    Ready both = Ready.all(Ready.logLine("up"), Ready.all(Ready.logLine("more")));
    assertReadyAfterGo(container, Ready.all(both, Ready.command("busybox", "true")));
  }

  @Test
  void all_ofWhichOneIsRefused_leavesNothingBehind() {
    Container container = started(waiting());
    Ready refused = Ready.all(Ready.logLine("x"), Ready.all(Ready.logLine("y"), Ready.healthy()));
    assertThatThrownBy(() -> container.awaitReady(refused, LONG))
        .isInstanceOf(InvalidSpecException.class);
    assertThat(isInUse("dev.pinnace.internal.engine.LogSubscription")).isFalse();
  }

  private static boolean isInUse(String type) {
    return Thread.getAllStackTraces().values().stream()
        .flatMap(Arrays::stream)
        .anyMatch(frame -> frame.getClassName().equals(type));
  }

  @Test
  void ended_tellsItsExitCodeAndItsLastLines() {
    Container container = started(shell("echo one; echo two; busybox sleep 0.2; exit 7"));
    for (Ready ready : new Ready[] {Ready.logLine("three"), Ready.port(1), Ready.command("x")}) {
      NotReadyException ended =
          catchThrowableOfType(
              NotReadyException.class,
              () -> {
                try {
                  container.awaitReady(ready, LONG);
                } catch (StartFailedException running) {
                  container.await();
                  container.awaitReady(ready, LONG);
                }
              });
      assertThat(ended)
          .hasMessageContaining("ended, with exit code 7, before it was ready")
          .hasMessageEndingWith("its last line is \"two\"");
      assertThat(ended.exitCode()).isEqualTo(7);
      assertThat(ended.lastLogs()).containsExactly("one", "two");
    }
  }

  @Test
  void ended_removesItself() {
    Container container = started(shell("busybox sleep 0.2; exit 7").autoRemove());
    assertThatThrownBy(() -> container.awaitReady(Ready.command("busybox", "false"), LONG))
        .isInstanceOf(NotReadyException.class)
        .hasMessageContaining("with exit code 7");
  }

  @Test
  void removed_isNotFound_andMeanwhileItHasEnded() {
    Container container = started(waiting());
    CompletableFuture<Void> waiting =
        CompletableFuture.runAsync(() -> container.awaitReady(Ready.logLine("never"), LONG));
    eventually(() -> isInUse("dev.pinnace.internal.engine.Readiness"));
    container.remove(true);
    assertThat(waiting)
        .failsWithin(Duration.ofSeconds(20))
        .withThrowableThat()
        .withCauseInstanceOf(NotReadyException.class);
    assertThatThrownBy(() -> container.awaitReady(Ready.port(1), LONG))
        .isInstanceOf(NotFoundException.class);
  }

  @Test
  void ended_itsLineWasWrittenBefore() {
    Container container = started(shell(afterGo("echo up")));
    CompletableFuture<Void> waiting =
        CompletableFuture.runAsync(() -> container.awaitReady(Ready.logLine("up"), LONG));
    eventually(() -> isInUse("dev.pinnace.internal.engine.Readiness"));
    container.execute("busybox", "touch", "/go");
    assertThat(waiting).succeedsWithin(LONG);
  }

  @Test
  void startedAgainByItsPolicy_isWaitedFor() {
    Container container =
        started(
            shell("[ -e /second ] || { >/second; exit 1; }; echo up; exec busybox sleep 600")
                .restart(RestartPolicy.onFailure(3)));
    container.awaitReady(Ready.logLine("up"), LONG);
  }

  @Test
  void late_tellsItsLastLines() {
    Container container = ready(started(waiting()));
    TimedOutException late =
        catchThrowableOfType(
            TimedOutException.class, () -> container.awaitReady(Ready.port(1), Duration.ZERO));
    assertThat(late.lastLogs()).containsExactly("ready");
    assertThat(late).hasMessageContaining("its last line is \"ready\"");
  }

  @Test
  void neverStarted_isRefused() {
    Container container = engine.containers().create(waiting());
    assertThatThrownBy(() -> container.awaitReady(Ready.port(1), LONG))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("was never started");
  }

  @Test
  void interruptedOrClosed_isCancelled() {
    Container container = started(waiting());
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> container.awaitReady(Ready.port(1), LONG))
        .isInstanceOf(CancelledException.class);
    assertThat(Thread.interrupted()).isTrue();
    for (Ready ready : new Ready[] {Ready.port(1), Ready.command("busybox", "sleep", "600")}) {
      Pinnace closing = engine();
      CompletableFuture<Throwable> failure = new CompletableFuture<>();
      Container theirs = closing.containers().get(container.name());
      Thread waiter =
          new Thread(
              () -> {
                try {
                  theirs.awaitReady(ready, LONG);
                } catch (RuntimeException e) {
                  failure.complete(e);
                }
              });
      waiter.start();
      eventually(() -> waiter.getState() == Thread.State.TIMED_WAITING);
      closing.close();
      assertThat(failure.join()).isInstanceOf(CancelledException.class);
    }
  }

  @Test
  void conditionsThatCannotHold_areRefused() {
    for (Runnable asked :
        new Runnable[] {
          () -> Ready.logLine("("),
          () -> Ready.logLine("x", 0),
          () -> Ready.port(0),
          () -> Ready.port(65_536),
          Ready::all
        }) {
      assertThatThrownBy(asked::run).isInstanceOf(InvalidSpecException.class);
    }
  }
}
