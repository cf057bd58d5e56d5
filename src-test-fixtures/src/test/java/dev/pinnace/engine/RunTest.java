package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Container;
import dev.pinnace.error.CancelledException;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.ContainerFilter;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.ExitStatus;
import dev.pinnace.spec.LogSpec;
import dev.pinnace.spec.RunOptions;
import dev.pinnace.spec.RunResult;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Programs that are run to their end: output, input, limits, interruption, many at once. */
class RunTest extends EngineFixture {
  @Test
  void run_capturesStreamsApart() {
    RunResult result = engine.containers().run(shell("echo out; echo err >&2; exit 5"));
    assertThat(result.exitCode()).isEqualTo(5);
    assertThat(result.stdout()).isEqualTo("out\n");
    assertThat(result.stderr()).isEqualTo("err\n");
    assertThat(result.dropped()).isEqualTo(Bytes.of(0));
  }

  @Test
  void run_binaryOutput_isUnchanged() {
    RunResult result =
        engine
            .containers()
            .run(shell("busybox printf '\\000\\377\\n\\r\\303x'; busybox printf '\\376' >&2"));
    assertThat(result.stdoutBytes()).containsExactly(0, -1, '\n', '\r', 0xC3 - 256, 'x');
    assertThat(result.stderrBytes()).containsExactly(0xFE - 256);
  }

  @Test
  void run_largeOutput_isWhole() {
    RunResult result =
        engine
            .containers()
            .run(shell("busybox head -c 5000000 /dev/zero; busybox head -c 1000000 /dev/zero >&2"));
    assertThat(result.stdoutBytes()).hasSize(5_000_000);
    assertThat(result.stderrBytes()).hasSize(1_000_000);
  }

  @Test
  void run_stdin_isReadToItsEnd() {
    byte[] input = new byte[300_000];
    input[299_999] = 7;
    RunResult result =
        engine.containers().run(shell("busybox cat").build(), RunOptions.DEFAULT.withStdin(input));
    assertThat(result.stdoutBytes()).isEqualTo(input);
    assertThat(engine.containers().run(shell("busybox cat; echo end")).stdout()).isEqualTo("end\n");
  }

  @Test
  void startAttached_stream_isPassedOnAsItComes() throws Exception {
    Container container =
        engine.containers().create(shell("read first; echo got $first; busybox cat; echo end"));
    PipedOutputStream in = new PipedOutputStream();
    PipedInputStream stream = new PipedInputStream(in);
    in.write("one\n".getBytes(StandardCharsets.UTF_8));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ExitStatus status =
        container.startAttached(
            stream,
            piece -> {
              out.writeBytes(piece);
              if (out.toString(StandardCharsets.UTF_8).equals("got one\n")) {
                writeAndClose(in, "two\n");
              }
            },
            piece -> {});
    assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("got one\ntwo\nend\n");
    assertThat(status.code()).isZero();
  }

  private static void writeAndClose(OutputStream in, String text) {
    try (in) {
      in.write(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void startAttached_endlessStreamThatNobodyReads_endsWithTheContainer() throws Exception {
    Container container = engine.containers().create(shell("exit 3"));
    CountDownLatch closed = new CountDownLatch(1);
    InputStream endless =
        new InputStream() {
          @Override
          public int read() {
            return 'x';
          }

          @Override
          public int read(byte[] bytes, int from, int length) {
            return length;
          }

          @Override
          public void close() {
            closed.countDown();
          }
        };
    assertThat(container.startAttached(endless, piece -> {}, piece -> {}).code()).isEqualTo(3);
    for (Thread feeding = feeding(); feeding != null; feeding = feeding()) {
      feeding.join();
    }
    assertThat(closed.getCount()).as("the caller's stream stays open").isEqualTo(1);
  }

  private static @Nullable Thread feeding() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("pinnace-input-"))
        .findFirst()
        .orElse(null);
  }

  @Test
  void run_stdinAsAnOrdinaryUser_canBeOpenedAgain() {
    RunResult result =
        engine
            .containers()
            .run(
                shell("busybox cat /dev/stdin").user("1234:5678").build(),
                RunOptions.DEFAULT.withStdin("again".getBytes(StandardCharsets.UTF_8)));
    assertThat(result.stdout()).isEqualTo("again");
  }

  @Test
  void run_largeEnvironment_isPassedOn() {
    ContainerSpecBuilder spec = shell("echo ${#V9}");
    for (int i = 0; i < 10; i++) {
      spec.env("V" + i, "x".repeat(100_000));
    }
    assertThat(engine.containers().run(spec).stdout()).isEqualTo("100000\n");
  }

  @Test
  void create_environmentThatNoProgramCouldGet_isRefused() {
    assertThatThrownBy(
            () -> engine.containers().create(shell("true").env("V", "x".repeat(128 * 1024))))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("a variable has 131075 bytes");
    ContainerSpecBuilder spec = shell("true");
    for (int i = 0; i < 21; i++) {
      spec.env("V" + i, "x".repeat(100_000));
    }
    assertThatThrownBy(() -> engine.containers().create(spec))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("2097152");
  }

  @Test
  void run_outputLimit_countsWhatIsDropped() {
    RunResult result =
        engine
            .containers()
            .run(
                shell("busybox head -c 100000 /dev/zero; exit 4").build(),
                RunOptions.DEFAULT.withOutputLimit(Bytes.of(1000)));
    assertThat(result.stdoutBytes()).hasSize(1000);
    assertThat(result.dropped()).isEqualTo(Bytes.of(99_000));
    assertThat(result.exitCode()).isEqualTo(4);
    assertThat(result.status().outputExceeded()).isFalse();
  }

  @Test
  void run_endingWhenFull_endsTheContainer() {
    RunResult result =
        engine
            .containers()
            .run(
                shell("while :; do echo more; done").build(),
                RunOptions.DEFAULT.withOutputLimit(Bytes.of(1000)).endingWhenFull());
    assertThat(result.status().outputExceeded()).isTrue();
    assertThat(result.exitCode()).isEqualTo(137);
    assertThat(result.stdoutBytes()).hasSize(1000);
  }

  @Test
  void run_timeout_killsIt() {
    long begin = System.nanoTime();
    RunResult result =
        engine
            .containers()
            .run(shell("echo begun; busybox sleep 600").timeout(Duration.ofSeconds(2)));
    assertThat(Duration.ofNanos(System.nanoTime() - begin))
        .isBetween(Duration.ofSeconds(2), Duration.ofSeconds(60));
    assertThat(result.status().timedOut()).isTrue();
    assertThat(result.exitCode()).isEqualTo(137);
    assertThat(result.stdout()).isEqualTo("begun\n");
  }

  @Test
  void run_tellsWhatWasUsed() {
    RunResult result =
        engine.containers().run(shell("i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done"));
    assertThat(result.status().usage().cpu())
        .isBetween(Duration.ofMillis(5), Duration.ofSeconds(30));
    assertThat(result.status().usage().peakMemory()).isGreaterThan(Bytes.kibi(100));
  }

  @Test
  void run_interrupted_killsAndRemoves() throws Exception {
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    AtomicBoolean flag = new AtomicBoolean();
    Thread runner =
        new Thread(
            () -> {
              try {
                engine.containers().run(shell("busybox sleep 60").name("interrupted"));
              } catch (Throwable e) {
                thrown.set(e);
                flag.set(Thread.currentThread().isInterrupted());
              }
            });
    runner.start();
    eventually(() -> engine.info().running() == 1);
    runner.interrupt();
    runner.join(10_000);
    assertThat(thrown.get()).isInstanceOf(CancelledException.class);
    assertThat(flag).isTrue();
    eventually(() -> engine.containers().list(ContainerFilter.all()).isEmpty());
  }

  @Test
  void run_interruptedAtAnyTime_leavesNothing() throws Exception {
    for (int delay = 0; delay < 40; delay++) {
      CountDownLatch begun = new CountDownLatch(1);
      AtomicReference<Throwable> thrown = new AtomicReference<>();
      Thread runner =
          new Thread(
              () -> {
                begun.countDown();
                try {
                  engine.containers().run(shell("busybox sleep 60"));
                } catch (Throwable e) {
                  thrown.set(e);
                }
              });
      runner.start();
      begun.await();
      Thread.sleep(0, 300_000 * delay % 1_000_000);
      Thread.sleep(300L * delay / 1000);
      runner.interrupt();
      runner.join(10_000);
      assertThat(thrown.get())
          .as("after %d x 0.3 ms", delay)
          .isInstanceOf(CancelledException.class);
    }
    eventually(() -> engine.containers().list(ContainerFilter.all()).isEmpty());
  }

  @Test
  void await_interrupted_leavesTheContainer() throws Exception {
    var container = ready(engine.containers().start(waiting()));
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread waiter =
        new Thread(
            () -> {
              try {
                container.await();
              } catch (Throwable e) {
                thrown.set(e);
              }
            });
    waiter.start();
    Thread.sleep(50);
    waiter.interrupt();
    waiter.join(5000);
    assertThat(thrown.get()).isInstanceOf(CancelledException.class);
    assertThat(container.inspect().status().isAlive()).isTrue();
  }

  @Test
  void run_name_isFreeAgainSoon() {
    for (int i = 0; i < 5; i++) {
      assertThat(engine.containers().run(shell("exit 0").name("same")).exitCode()).isZero();
    }
  }

  @Test
  void run_removedByForceMeanwhile_ends() throws Exception {
    ExecutorService threads = Executors.newSingleThreadExecutor();
    try {
      Future<RunResult> running =
          threads.submit(() -> engine.containers().run(shell("busybox sleep 60").name("victim")));
      eventually(
          () ->
              engine
                  .containers()
                  .find("victim")
                  .map(c -> c.inspect().status().isAlive())
                  .orElse(false));
      engine.containers().get("victim").remove(true);
      assertThat(running.get().exitCode()).isEqualTo(137);
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void run_eightThreads_eachItsOwnOutput() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Callable<Void>> work = new ArrayList<>();
      for (int thread = 0; thread < 8; thread++) {
        int number = thread;
        work.add(
            () -> {
              for (int i = 0; i < 20; i++) {
                RunResult result =
                    engine
                        .containers()
                        .run(shell("echo " + number + "-" + i + "; exit " + (number + i)));
                assertThat(result.stdout()).isEqualTo(number + "-" + i + "\n");
                assertThat(result.exitCode()).isEqualTo(number + i);
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
    eventually(() -> engine.containers().list(ContainerFilter.all()).isEmpty());
  }

  @Test
  void start_twoThreads_oneWins() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      for (int i = 0; i < 10; i++) {
        var container = engine.containers().create(waiting());
        Callable<Boolean> start =
            () -> {
              try {
                container.start();
                return true;
              } catch (ConflictException e) {
                return false;
              }
            };
        List<Future<Boolean>> started = threads.invokeAll(List.of(start, start));
        assertThat(List.of(started.get(0).get(), started.get(1).get()))
            .containsExactlyInAnyOrder(true, false);
        container.remove(true);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void run_outputLimitOfNothing_keepsNothingAndCountsAll() {
    RunOptions none = RunOptions.DEFAULT.withOutputLimit(Bytes.ZERO);
    RunResult result = engine.containers().run(shell("echo hello; echo you >&2").build(), none);
    assertThat(result.stdoutBytes()).isEmpty();
    assertThat(result.stderrBytes()).isEmpty();
    assertThat(result.dropped()).isEqualTo(Bytes.of(10));
    assertThat(result.exitCode()).isZero();
    RunResult ended =
        engine.containers().run(shell("echo; busybox sleep 600").build(), none.endingWhenFull());
    assertThat(ended.status().outputExceeded()).isTrue();
  }

  @Test
  void run_whatItHasNoUseFor_isRefused() {
    assertThatThrownBy(() -> engine.containers().run(shell("true").detached()))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("cannot be detached");
    assertThatThrownBy(
            () -> engine.containers().run(shell("true").log(new LogSpec(Bytes.mebi(1), 1))))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("outputLimit");
    assertThat(engine.containers().list(ContainerFilter.all())).isEmpty();
  }
}
