package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.pinnace.Container;
import dev.pinnace.error.CancelledException;
import dev.pinnace.error.ConflictException;
import dev.pinnace.spec.AttachOptions;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.ContainerState;
import dev.pinnace.spec.ContainerStatus;
import dev.pinnace.spec.ExecSpec;
import dev.pinnace.spec.ExitStatus;
import dev.pinnace.spec.LogSpec;
import dev.pinnace.spec.RestartPolicy;
import dev.pinnace.spec.Signal;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whoever starts a container attached gets all of its output, however slowly it is taken. */
class AttachedTest extends EngineFixture {
  private static final byte[] NOTHING = {};

  /** More than the pipes and the log hold. */
  private static final int MANY = 1_000_000;

  /** What two pipes hold, of 1 MiB each, but not one. */
  private static final int MORE_THAN_ONE_PIPE = 250_000;

  private static final LogSpec SMALL = new LogSpec(Bytes.kibi(8), 2);

  private static ContainerSpecBuilder counting(int lines) {
    return shell("busybox seq " + lines + "; exit 3").log(SMALL).detached();
  }

  private static String numbers(int last) {
    return IntStream.rangeClosed(1, last).mapToObj(i -> i + "\n").collect(Collectors.joining());
  }

  /** A consumer that does not come back from its first call before the latch is open. */
  private static Consumer<byte[]> after(CountDownLatch latch, Consumer<byte[]> consumer) {
    return piece -> {
      try {
        assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
      consumer.accept(piece);
    };
  }

  @Test
  void streamThatOutlivesContainerAndExec_holdsNothing() throws Exception {
    Container container = engine.containers().create(shell("exit 3").stdinOpen().detached());
    Container other = ready(engine.containers().start(waiting()));
    ExecSpec exec = ExecSpec.of("busybox", "true");
    assertThat(container.startAttached(NOTHING, piece -> {}, piece -> {}).code()).isEqualTo(3);
    assertThat(other.execute(exec).exitCode()).isZero();
    Set<String> before = pollers();
    try (PipedOutputStream keys = new PipedOutputStream();
        PipedInputStream typed = new PipedInputStream(keys)) {
      container.startAttached(typed, piece -> {}, piece -> {});
      eventually(() -> before.containsAll(pollers()));
      assertThat(other.execute(exec, typed, piece -> {}, piece -> {})).isZero();
      eventually(() -> before.containsAll(pollers()));
    }
  }

  @Test
  void close_ofAnExec_endsItsInput_andTakesNoMoreOfIt() throws Exception {
    Container container = ready(engine.containers().start(waiting()));
    Set<String> before = pollers();
    try (PipedOutputStream keys = new PipedOutputStream();
        PipedInputStream typed = new PipedInputStream(keys)) {
      container
          .exec(
              ExecSpec.of("busybox", "cat"),
              AttachOptions.DEFAULTS.withStdin(typed),
              piece -> {},
              piece -> {})
          .close();
      eventually(() -> container.top().stream().noneMatch(p -> p.command().contains("cat")));
      eventually(() -> before.containsAll(pollers()));
    }
  }

  /** Whoever feeds a process waits for room with one of these. */
  private static Set<String> pollers() {
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      return open.filter(AttachedTest::isPoller).map(Path::toString).collect(Collectors.toSet());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isPoller(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString().contains("eventpoll");
    } catch (IOException closed) {
      return false;
    }
  }

  private static CompletableFuture<ExitStatus> start(Container container, Consumer<byte[]> stdout) {
    return CompletableFuture.supplyAsync(
        () -> container.startAttached(NOTHING, stdout, piece -> {}));
  }

  private static boolean isBlockedWriting(int pid) {
    try {
      for (String line :
          Files.readAllLines(Path.of("/proc/" + pid + "/task/" + pid + "/children"))) {
        for (String child : line.strip().split(" ", -1)) {
          if (Files.readString(Path.of("/proc", child, "wchan")).contains("pipe_write")) {
            return true;
          }
        }
      }
      return false;
    } catch (java.nio.file.NoSuchFileException ended) {
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void slowReader_isWaitedFor_andGetsEveryByte() {
    Container container = engine.containers().create(counting(MANY));
    CountDownLatch reading = new CountDownLatch(1);
    ByteArrayOutputStream got = new ByteArrayOutputStream();
    CompletableFuture<ExitStatus> ended = start(container, after(reading, got::writeBytes));
    eventually(() -> container.inspect().pid().isPresent());
    int pid = container.inspect().pid().getAsInt();
    eventually(() -> isBlockedWriting(pid));
    reading.countDown();
    assertThat(ended.join().code()).isEqualTo(3);
    assertThat(got.toString(StandardCharsets.US_ASCII)).isEqualTo(numbers(MANY));
    assertThat(container.logs().text()).endsWith("\n" + MANY + "\n").hasSizeLessThan(16 * 1024);
  }

  @Test
  void slowReader_afterTheEnd_getsTheRest() {
    int few = 100_000;
    Container container = engine.containers().create(counting(few));
    CountDownLatch reading = new CountDownLatch(1);
    ByteArrayOutputStream got = new ByteArrayOutputStream();
    CompletableFuture<ExitStatus> ended = start(container, after(reading, got::writeBytes));
    eventually(() -> container.logs().text().endsWith("\n" + few + "\n"));
    reading.countDown();
    assertThat(ended.join().code()).isEqualTo(3);
    assertThat(got.toString(StandardCharsets.US_ASCII)).isEqualTo(numbers(few));
  }

  @Test
  void bothStreams_comeWhole_withoutALogToo() {
    Container container =
        engine
            .containers()
            .create(
                shell("busybox seq 50000; busybox seq 60000 >&2").log(new LogSpec(Bytes.ZERO, 1)));
    ByteArrayOutputStream stdout = new ByteArrayOutputStream();
    ByteArrayOutputStream stderr = new ByteArrayOutputStream();
    assertThat(container.startAttached(NOTHING, stdout::writeBytes, stderr::writeBytes).code())
        .isZero();
    assertThat(stdout.toString(StandardCharsets.US_ASCII)).isEqualTo(numbers(50_000));
    assertThat(stderr.toString(StandardCharsets.US_ASCII)).isEqualTo(numbers(60_000));
    assertThat(container.logs().text()).isEmpty();
  }

  @Test
  void readerThatFails_letsTheContainerGoOn() {
    Container container = engine.containers().create(counting(MANY));
    assertThatThrownBy(
            () ->
                container.startAttached(
                    NOTHING,
                    piece -> {
                      throw new IllegalStateException("a consumer's mistake");
                    },
                    piece -> {}))
        .hasMessage("a consumer's mistake");
    assertThat(container.await().code()).isEqualTo(3);
    assertThat(container.logs().text()).endsWith("\n" + MANY + "\n");
  }

  @Test
  void readerThatIsStuck_doesNotKeepTheContainerFromBeingStopped() {
    Container container = engine.containers().create(shell("busybox seq " + MANY).detached());
    CountDownLatch reading = new CountDownLatch(1);
    CompletableFuture<ExitStatus> ended = start(container, after(reading, piece -> {}));
    eventually(() -> container.inspect().status() == ContainerStatus.RUNNING);
    container.stop(Duration.ZERO);
    assertThat(container.inspect().status().isAlive()).isFalse();
    reading.countDown();
    assertThat(ended.join().code()).isEqualTo(137);
  }

  private Container endingAgainAndAgain() {
    return engine
        .containers()
        .create(
            shell("busybox seq " + MORE_THAN_ONE_PIPE + "; exit 3")
                .log(SMALL)
                .detached()
                .restart(RestartPolicy.always()));
  }

  /** Waits until it would be started again, were its last output read. */
  private static void awaitEnd(Container container) {
    eventually(
        () -> {
          ContainerState state = container.inspect();
          return state.status() == ContainerStatus.RUNNING && state.pid().isEmpty();
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {9, 15})
  void kill_beforeTheLastOutputIsRead_callsTheRestartOff(int signal) {
    CountDownLatch reading = new CountDownLatch(1);
    ByteArrayOutputStream got = new ByteArrayOutputStream();
    Container container = endingAgainAndAgain();
    CompletableFuture<ExitStatus> ended = start(container, after(reading, got::writeBytes));
    awaitEnd(container);

    assertThatThrownBy(() -> container.kill(Signal.USR1))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("does not run");
    container.kill(new Signal(signal));
    reading.countDown();

    ExitStatus exit = ended.join();
    assertThat(exit.code()).isEqualTo(3);
    assertThat(exit.stopped()).isTrue();
    assertThat(exit.restarts()).isZero();
    assertThat(container.inspect().status()).isEqualTo(ContainerStatus.EXITED);
    assertThat(got.toString(StandardCharsets.US_ASCII)).isEqualTo(numbers(MORE_THAN_ONE_PIPE));
  }

  @Test
  void stop_beforeTheLastOutputIsRead_callsTheRestartOff() {
    CountDownLatch reading = new CountDownLatch(1);
    Container container = endingAgainAndAgain();
    CompletableFuture<ExitStatus> ended = start(container, after(reading, piece -> {}));
    awaitEnd(container);

    container.stop(Duration.ZERO);
    reading.countDown();

    assertThat(ended.join().restarts()).isZero();
    assertThat(container.inspect().status()).isEqualTo(ContainerStatus.EXITED);
  }

  @Test
  void interrupt_thatMeetsTheEnd_isACancellation_andTheFlagIsKept() {
    Container container = engine.containers().create(waiting().detached());
    Consumer<byte[]> interrupting =
        piece -> {
          container.kill(Signal.KILL);
          container.await();
          Thread.currentThread().interrupt();
        };
    Throwable thrown =
        catchThrowable(() -> container.startAttached(NOTHING, interrupting, piece -> {}));
    assertThat(Thread.interrupted()).isTrue();
    assertThat(thrown).isInstanceOf(CancelledException.class).hasMessageContaining("interrupted");
  }
}
