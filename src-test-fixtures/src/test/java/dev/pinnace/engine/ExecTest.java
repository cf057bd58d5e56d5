package dev.pinnace.engine;

import static dev.pinnace.spec.ContainerSpec.image;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.ScopedContainer;
import dev.pinnace.error.CancelledException;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.StartFailedException;
import dev.pinnace.error.TimedOutException;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.CommitSpec;
import dev.pinnace.spec.ExecResult;
import dev.pinnace.spec.ExecSpec;
import dev.pinnace.spec.Signal;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Further programs in a running container. */
class ExecTest extends EngineFixture {
  private Container running() {
    return ready(engine.containers().start(waiting().env("A", "container").workdir("/made/here")));
  }

  private static ExecSpec sh(String script) {
    return ExecSpec.of("busybox", "sh", "-c", script);
  }

  @Test
  void execute_capturesOutputAndExitCode() {
    ExecResult result = running().execute("busybox", "sh", "-c", "echo out; echo err >&2; exit 7");
    assertThat(result.exitCode()).isEqualTo(7);
    assertThat(result.stdout()).isEqualTo("out\n");
    assertThat(result.stderr()).isEqualTo("err\n");
  }

  @Test
  void execute_pathOfManyDirectories_isSearchedToItsEnd() {
    String path = "/nowhere:".repeat(1018) + "/usr/sbin:/usr/bin:/sbin:/bin";
    Container container = ready(engine.containers().start(waiting().env("PATH", path)));
    assertThat(container.execute(sh("echo $PATH")).stdout()).isEqualTo(path + "\n");
    String longer = "/nowhere:/nowhere:/nowhere:" + path;
    assertThatThrownBy(() -> container.execute(sh("exit 0").withEnv("PATH", longer)))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("in 1,025 directories, at most 1,024 are allowed: shorten PATH");
    assertThatThrownBy(() -> engine.containers().create(waiting().env("PATH", longer).name("far")))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("in 1,025 directories");
    assertThat(engine.containers().find("far")).isEmpty();
    String busybox = container.execute(sh("busybox which busybox")).stdout().strip();
    assertThat(container.execute(ExecSpec.of(busybox, "true").withEnv("PATH", longer)).exitCode())
        .isZero();
  }

  @Test
  void execute_consumerFails_throwsTheSame() {
    Container container = running();
    for (Throwable failure : failures()) {
      assertThatThrownBy(
              () -> container.execute(sh("echo out"), piece -> raise(failure), piece -> {}))
          .isSameAs(failure);
      assertThatThrownBy(
              () -> container.execute(sh("echo err >&2"), piece -> {}, piece -> raise(failure)))
          .isSameAs(failure);
    }
    assertThat(container.execute("busybox", "true").exitCode()).isZero();
  }

  @Test
  void execute_consumerFails_theProgramIsKilledAndNoThreadComplains() {
    Container container = running();
    List<Throwable> uncaught = new CopyOnWriteArrayList<>();
    Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
    Thread.setDefaultUncaughtExceptionHandler((thread, failure) -> uncaught.add(failure));
    try {
      ExecSpec quiet = sh("echo out; exec busybox sleep 600");
      assertThatThrownBy(
              () ->
                  container.execute(
                      quiet, piece -> raise(new IllegalStateException("x")), piece -> {}))
          .isExactlyInstanceOf(IllegalStateException.class)
          .hasMessage("x");
      eventually(() -> !container.execute("busybox", "ps").stdout().contains("sleep 600"));
      assertThat(uncaught).isEmpty();
    } finally {
      Thread.setDefaultUncaughtExceptionHandler(before);
    }
  }

  /** Some that the engine's own work might throw too. */
  private static List<Throwable> failures() {
    return List.of(
        new IllegalStateException("x"),
        new AssertionError("x"),
        new OutOfMemoryError("x"),
        new UncheckedIOException(new IOException("x")),
        new CancelledException("x"),
        new TimedOutException("x"));
  }

  @Test
  void startAttached_consumerFails_throwsTheSameAndTheContainerGoesOn() {
    for (Throwable failure : failures()) {
      Container container = engine.containers().create(waiting());
      assertThatThrownBy(
              () -> container.startAttached(new byte[0], piece -> raise(failure), piece -> {}))
          .isSameAs(failure);
      assertThat(container.inspect().status().isAlive()).isTrue();
      container.remove(true);
    }
  }

  @Test
  void execute_atItsTimeLimit_isKilledAndKeepsWhatItWrote() {
    Container container = running();
    ExecResult result =
        container.execute(
            sh("echo out; echo err >&2; exec busybox sleep 600").withTimeout(ofSeconds(2)));
    assertThat(result.timedOut()).isTrue();
    assertThat(result.exitCode()).isEqualTo(137);
    assertThat(result.stdout()).isEqualTo("out\n");
    assertThat(result.stderr()).isEqualTo("err\n");
    assertThat(result)
        .hasToString(
            "exit code 137 (killed at its time limit), 4 bytes of output, 4 bytes of errors");
    assertThat(container.execute("busybox", "ps").stdout()).doesNotContain("sleep 600");
  }

  @Test
  void execute_withinItsTimeLimit_isAsWithoutOne() {
    ExecResult result = running().execute(sh("echo out; exit 3").withTimeout(ofSeconds(60)));
    assertThat(result.timedOut()).isFalse();
    assertThat(result.exitCode()).isEqualTo(3);
    assertThat(result).hasToString("exit code 3, 4 bytes of output, 0 bytes of errors");
  }

  @Test
  void execute_childHoldsTheOutputOpen_isNotWaitedForBeyondTheLimit() {
    Container container = running();
    ExecResult result =
        container.execute(sh("busybox sleep 601 & echo out; exit 5").withTimeout(ofSeconds(2)));
    assertThat(result.timedOut()).isTrue();
    assertThat(result.exitCode()).as("it had ended by itself").isEqualTo(5);
    assertThat(result.stdout()).isEqualTo("out\n");
    assertThat(container.execute("busybox", "ps").stdout()).contains("sleep 601");
  }

  @Test
  void execute_withConsumers_atItsTimeLimit_throws() {
    Container container = running();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ExecSpec endless = sh("echo out; exec busybox sleep 602").withTimeout(ofSeconds(2));
    assertThatThrownBy(() -> container.execute(endless, out::writeBytes, piece -> {}))
        .isInstanceOf(TimedOutException.class)
        .hasMessageContainingAll("busybox", container.name(), "time limit", "PT2S");
    assertThat(out).hasToString("out\n");
    assertThat(container.execute("busybox", "ps").stdout()).doesNotContain("sleep 602");
  }

  @Test
  void executeDetached_withATimeLimit_isRefused() {
    Container container = running();
    assertThatThrownBy(() -> container.executeDetached(sh("exit 0").withTimeout(ofSeconds(1))))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContainingAll("busybox", "time limit", "leave the limit out");
  }

  @Test
  void execute_moreThanTheOutputLimit_isCountedAndDropped() {
    Container container = running();
    ExecResult result =
        container.execute(
            sh("busybox head -c 3000 /dev/zero; busybox sleep 0.3; busybox head -c 500 /dev/zero >&2")
                .withOutputLimit(Bytes.of(1000)));
    assertThat(result.exitCode()).isZero();
    assertThat(result.stdoutBytes()).hasSize(1000);
    assertThat(result.stderrBytes()).isEmpty();
    assertThat(result.dropped()).isEqualTo(Bytes.of(2500));
    assertThat(result)
        .hasToString("exit code 0, 1000 bytes of output, 0 bytes of errors, 2500 bytes dropped");
    ExecResult large = container.execute("busybox", "head", "-c", "40000000", "/dev/zero");
    assertThat(large.stdoutBytes()).hasSize(16 << 20);
    assertThat(large.dropped()).isEqualTo(Bytes.of(40_000_000L - (16 << 20)));
  }

  private static void raise(Throwable failure) {
    if (failure instanceof Error error) {
      throw error;
    }
    throw (RuntimeException) failure;
  }

  @Test
  void execute_endedBySignal_is128AndTheSignal() {
    assertThat(running().execute(sh("kill -9 $$")).exitCode()).isEqualTo(137);
  }

  @Test
  void execute_takesEnvironmentUserAndDirectory() {
    Container container = running();
    assertThat(container.execute(sh("echo $A $B; pwd")).stdout())
        .isEqualTo("container\n/made/here\n");
    ExecResult result =
        container.execute(
            sh("echo $A $B; pwd; busybox id -u; busybox id -g")
                .withEnv("A", "exec")
                .withEnv("B", "b")
                .withWorkdir("/etc")
                .withUser("1234:77"));
    assertThat(result.stdout()).isEqualTo("exec b\n/etc\n1234\n77\n");
  }

  @Test
  void execute_userOfTheRunningContainer() {
    Container container = running();
    container.execute(sh("echo 'late:x:4321:55::/:/bin/sh' > /etc/passwd"));
    assertThat(container.execute(sh("busybox id -u").withUser("late")).stdout())
        .isEqualTo("4321\n");
    assertThatThrownBy(() -> container.execute(sh("exit 0").withUser("nobody-here")))
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining("nobody-here");
  }

  @Test
  void execute_asAnotherUser_hasThatUsersHome() {
    Container container = running();
    container.execute(sh("echo 'app:x:4321:55::/home/app:/bin/sh' > /etc/passwd"));
    ExecSpec home = sh("echo $HOME");
    assertThat(container.execute(home).stdout()).isEqualTo("/root\n");
    assertThat(container.execute(home.withUser("app")).stdout()).isEqualTo("/home/app\n");
    assertThat(container.execute(home.withUser("77")).stdout()).isEqualTo("/\n");
    assertThat(container.execute(home.withUser("app").withEnv("HOME", "/x")).stdout())
        .isEqualTo("/x\n");
    Container chosen = ready(engine.containers().start(waiting().env("HOME", "/chosen")));
    assertThat(chosen.execute(home.withUser("0")).stdout()).isEqualTo("/chosen\n");
  }

  @Test
  void execute_asAnotherUser_keepsTheHomeThatTheImageHasChosen() {
    try (ScopedContainer made = engine.containers().scoped(shell("exit 0"))) {
      made.await();
      made.commit(CommitSpec.named("homely:1").withChange("ENV HOME=/of/the/image"));
    }
    Container container =
        ready(
            engine
                .containers()
                .start(
                    image("homely:1")
                        .command("busybox", "sh", "-c", "echo ready; busybox sleep 60")));
    ExecSpec home = sh("echo $HOME");
    assertThat(container.execute(home).stdout()).isEqualTo("/of/the/image\n");
    assertThat(container.execute(home.withUser("77")).stdout()).isEqualTo("/of/the/image\n");
  }

  @Test
  void execute_missingDirectory_isRefusedAndNotMade() {
    Container container = running();
    assertThatThrownBy(() -> container.execute(sh("pwd").withWorkdir("/missing/one")))
        .isInstanceOf(StartFailedException.class)
        .hasMessageContaining("/missing/one")
        .hasMessageContaining("ENOENT")
        .hasMessageContaining("an exec makes no directories");
    assertThat(container.execute(sh("test -e /missing")).exitCode()).isEqualTo(1);
    container.execute(sh("busybox ln -s /etc /link"));
    assertThat(container.execute(sh("busybox pwd -P").withWorkdir("/link")).stdout())
        .isEqualTo("/etc\n");
  }

  @Test
  void execute_stdin_isReadToItsEnd() {
    byte[] input = new byte[200_000];
    input[0] = 1;
    assertThat(running().execute(ExecSpec.of("busybox", "cat").withStdin(input)).stdoutBytes())
        .isEqualTo(input);
  }

  @Test
  void execute_largeOutput_isWholeAndInOrder() {
    ExecResult result =
        running().execute(sh("i=0; while [ $i -lt 20000 ]; do echo $i; i=$((i+1)); done"));
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      expected.add(Integer.toString(i));
    }
    assertThat(result.stdout().lines().toList()).isEqualTo(expected);
  }

  @Test
  void execute_withConsumers_deliversAsItComes() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code =
        running().execute(sh("echo a; echo b >&2; exit 3"), out::writeBytes, err::writeBytes);
    assertThat(code).isEqualTo(3);
    assertThat(out).hasToString("a\n");
    assertThat(err).hasToString("b\n");
  }

  @Test
  void execute_missingProgram_is127_notExecutable_is126() {
    Container container = running();
    assertThatThrownBy(() -> container.execute("no-such"))
        .isInstanceOfSatisfying(
            StartFailedException.class, e -> assertThat(e.exitCode()).isEqualTo(127));
    assertThatThrownBy(() -> container.execute("/etc/hosts"))
        .isInstanceOfSatisfying(
            StartFailedException.class, e -> assertThat(e.exitCode()).isEqualTo(126));
    assertThat(container.inspect().status().isAlive()).isTrue();
  }

  @Test
  void execute_again_takesWhatIsAskedThisTime() {
    Container container = running();
    ExecSpec show = sh("echo $A $(busybox id -u) $(pwd)");
    for (int i = 0; i < 2; i++) {
      assertThat(container.execute(show).stdout()).isEqualTo("container 0 /made/here\n");
      assertThat(container.execute(show.withEnv("A", "b")).stdout()).isEqualTo("b 0 /made/here\n");
      assertThat(container.execute(show.withUser("7")).stdout())
          .isEqualTo("container 7 /made/here\n");
      assertThat(container.execute(show.withWorkdir("/etc")).stdout())
          .isEqualTo("container 0 /etc\n");
      assertThat(container.execute(show.withStdin(new byte[] {10})).stdout())
          .isEqualTo("container 0 /made/here\n");
      String filters = "busybox grep Seccomp: /proc/self/status";
      assertThat(container.execute(sh(filters)).stdout()).endsWith("2\n");
      assertThat(container.execute(sh(filters).withPrivileges()).stdout()).endsWith("0\n");
    }
  }

  @Test
  void execute_notRunningOrPaused_isRefused() {
    Container created = engine.containers().create(waiting());
    assertThatThrownBy(() -> created.execute("busybox", "true"))
        .isInstanceOf(ConflictException.class);
    Container container = running();
    container.pause();
    assertThatThrownBy(() -> container.execute("busybox", "true"))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("unpause");
    container.unpause();
    assertThat(container.execute("busybox", "true").exitCode()).isZero();
    container.kill(Signal.KILL);
    container.await();
    assertThatThrownBy(() -> container.execute("busybox", "true"))
        .isInstanceOf(ConflictException.class);
  }

  @Test
  void execute_containerEndsMeanwhile_endsToo() throws Exception {
    Container container = running();
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try {
      Future<ExecResult> result = thread.submit(() -> container.execute("busybox", "sleep", "60"));
      eventually(() -> container.execute("busybox", "ps").stdout().contains("sleep 60"));
      container.kill(Signal.KILL);
      assertThat(result.get().exitCode()).isEqualTo(137);
    } finally {
      thread.shutdownNow();
    }
  }

  @Test
  void execute_interrupted_killsTheProgram() throws Exception {
    Container container = running();
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread caller =
        new Thread(
            () -> {
              try {
                container.execute("busybox", "sleep", "61");
              } catch (Throwable e) {
                thrown.set(e);
              }
            });
    caller.start();
    eventually(() -> container.execute("busybox", "ps").stdout().contains("sleep 61"));
    caller.interrupt();
    caller.join(5000);
    assertThat(thrown.get()).isInstanceOf(CancelledException.class);
    eventually(() -> !container.execute("busybox", "ps").stdout().contains("sleep 61"));
  }

  @Test
  void executeDetached_goesOn() {
    Container container = running();
    container.executeDetached(sh("echo from-detached > /mark; busybox sleep 62"));
    eventually(
        () -> container.execute("busybox", "cat", "/mark").stdout().equals("from-detached\n"));
    assertThat(container.execute("busybox", "ps").stdout()).contains("sleep 62");
  }

  @Test
  void executeDetached_outlivesItsEngine_andMayWrite() {
    Container container = running();
    try (Pinnace other = engine()) {
      other
          .containers()
          .get(container.name())
          .executeDetached(
              sh(
                  "while [ ! -e /go ]; do busybox sleep 0.02; done;"
                      + " echo one && echo two && echo written > /mark"));
    }
    container.execute("busybox", "touch", "/go");
    eventually(() -> container.execute("busybox", "cat", "/mark").stdout().equals("written\n"));
  }

  @Test
  void execute_manyAtOnce_eachItsOwn() throws Exception {
    Container container = running();
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Callable<Void>> work = new ArrayList<>();
      for (int thread = 0; thread < 8; thread++) {
        int number = thread;
        work.add(
            () -> {
              for (int i = 0; i < 20; i++) {
                ExecResult result = container.execute(sh("echo " + number + "-" + i));
                assertThat(result.stdout()).isEqualTo(number + "-" + i + "\n");
              }
              return null;
            });
      }
      for (Future<Void> done : threads.invokeAll(work)) {
        done.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void of_nothing_isRefused() {
    assertThatThrownBy(ExecSpec::of).isInstanceOf(InvalidSpecException.class);
    assertThat(engine.containers().run(image(IMAGE).command("busybox", "true")).exitCode())
        .isZero();
  }

  @Test
  void executeDetached_oneTooMany_namesTheLimit() {
    Container container = ready(engine.containers().start(waiting()));
    for (int number = 0; number < 64; number++) {
      container.executeDetached(sh("busybox sleep 100"));
    }
    assertThatThrownBy(() -> container.executeDetached(sh("exit 0")))
        .isInstanceOf(StartFailedException.class)
        .hasMessageContaining("64 programs were executed in it that have not ended");
  }
}
