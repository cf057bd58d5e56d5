package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Container;
import dev.pinnace.Subscription;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.ContainerStatus;
import dev.pinnace.spec.LogLine;
import dev.pinnace.spec.LogQuery;
import dev.pinnace.spec.LogSpec;
import dev.pinnace.spec.RestartPolicy;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is kept of a container's output, and following it. */
class LogsTest extends EngineFixture {
  private static List<String> texts(List<LogLine> lines) {
    return lines.stream().map(LogLine::text).toList();
  }

  private Container ended(String script) {
    Container container = engine.containers().start(shell(script));
    container.await();
    return container;
  }

  @Test
  void read_streamsApart() {
    Container container = ended("echo a; echo b >&2; echo c");
    assertThat(container.logs().read(LogQuery.all().stdoutOnly()))
        .allMatch(line -> line.source() == LogLine.Source.STDOUT)
        .extracting(LogLine::text)
        .containsExactly("a", "c");
    assertThat(texts(container.logs().read(LogQuery.all().stderrOnly()))).containsExactly("b");
    assertThat(texts(container.logs().read())).containsExactlyInAnyOrder("a", "b", "c");
  }

  @Test
  void read_tail() {
    Container container = ended("for i in 1 2 3 4 5; do echo $i; done");
    assertThat(texts(container.logs().read(LogQuery.all().tail(2)))).containsExactly("4", "5");
    assertThat(container.logs().read(LogQuery.all().tail(0))).isEmpty();
    assertThat(container.logs().read(LogQuery.all().tail(99))).hasSize(5);
    assertThatThrownBy(() -> LogQuery.all().tail(-1)).isInstanceOf(InvalidSpecException.class);
  }

  @Test
  void read_rotated_beginsWithAWholeLine() {
    int last = 20_000;
    Container container =
        engine
            .containers()
            .start(shell("busybox seq 10000 " + last).log(new LogSpec(Bytes.kibi(4), 2)));
    container.await();
    List<Integer> numbers = texts(container.logs().read()).stream().map(Integer::valueOf).toList();
    int first = numbers.get(0);
    assertThat(first).as("what is gone").isGreaterThan(10_000);
    assertThat(numbers)
        .containsExactlyElementsOf(IntStream.rangeClosed(first, last).boxed().toList());
  }

  @Test
  void follow_consumerThrows_endsWithoutRepeatingAndWhoeverWaitsGetsIt() {
    Container container = ready(engine.containers().start(waiting()));
    for (Throwable failure : List.of(new ConflictException("x"), new AssertionError("x"))) {
      List<String> seen = Collections.synchronizedList(new ArrayList<>());
      try (Subscription following =
          container
              .logs()
              .follow(
                  line -> {
                    seen.add(line.text());
                    if (failure instanceof Error error) {
                      throw error;
                    }
                    throw (RuntimeException) failure;
                  })) {
        for (int again = 0; again < 2; again++) {
          assertThatThrownBy(() -> following.await(Duration.ofSeconds(20))).isSameAs(failure);
        }
      }
      assertThat(seen).containsExactly("ready");
    }
  }

  @Test
  void read_sinceAndUntil() {
    Container container = ended("echo early; busybox sleep 0.3; echo late");
    List<LogLine> lines = container.logs().read();
    Instant late = lines.get(1).time();
    assertThat(lines.get(0).time()).isBefore(late);
    assertThat(texts(container.logs().read(LogQuery.all().since(late)))).containsExactly("late");
    assertThat(texts(container.logs().read(LogQuery.all().until(late)))).containsExactly("early");
  }

  @Test
  void read_unfinishedLastLine_isThere() {
    assertThat(texts(ended("echo whole; busybox printf part").logs().read()))
        .containsExactly("whole", "part");
    assertThat(ended("busybox printf 'x\\ny'").logs().text()).isEqualTo("x\ny");
  }

  @Test
  void read_unfinishedLastLineOfARun_isNotJoinedWithTheNext() {
    Container container =
        engine
            .containers()
            .start(shell("busybox printf 'fatal: x'; exit 1").restart(RestartPolicy.onFailure(1)));
    container.await();
    List<LogLine> lines = container.logs().read();
    assertThat(texts(lines)).containsExactly("fatal: x", "fatal: x");
    Instant second = lines.get(1).time();
    assertThat(second).isAfter(lines.get(0).time());
    assertThat(texts(container.logs().read(LogQuery.all().since(second))))
        .containsExactly("fatal: x");
  }

  @Test
  void read_emptyLinesAndNoOutput() {
    assertThat(texts(ended("echo; echo").logs().read())).containsExactly("", "");
    assertThat(ended("exit 0").logs().read()).isEmpty();
    assertThat(engine.containers().create(shell("exit 0")).logs().text()).isEmpty();
  }

  @Test
  void read_bytes_areThoseThatWereWritten() {
    List<LogLine> lines = ended("busybox printf '\\377\\001\\nopen'").logs().read();
    assertThat(lines).extracting(LogLine::isFinished).containsExactly(true, false);
    assertThat(lines.get(0).bytes()).containsExactly(0xFF, 1);
    assertThat(lines.get(1).text()).isEqualTo("open");
  }

  @Test
  void read_veryLongLine_isWhole() {
    List<LogLine> lines =
        ended("busybox head -c 500000 /dev/zero | busybox tr '\\0' x; echo").logs().read();
    assertThat(lines).hasSize(1);
    assertThat(lines.get(0).text()).isEqualTo("x".repeat(500_000));
  }

  @Test
  void follow_fromTheBeginningToTheEnd() {
    Container container =
        engine
            .containers()
            .start(
                shell(
                    "i=0; while [ $i -lt 500 ]; do echo $i; i=$((i+1)); done; busybox printf end"));
    List<String> seen = Collections.synchronizedList(new ArrayList<>());
    try (Subscription following = container.logs().follow(line -> seen.add(line.text()))) {
      assertThat(following.await(Duration.ofSeconds(20))).isTrue();
    }
    assertThat(seen).hasSize(501).startsWith("0").endsWith("499", "end").doesNotHaveDuplicates();
  }

  @Test
  void follow_seesLinesAsTheyCome() {
    Container container = ready(engine.containers().start(waiting()));
    List<String> seen = Collections.synchronizedList(new ArrayList<>());
    try (Subscription following =
        container.logs().follow(LogQuery.all().tail(0), line -> seen.add(line.text()))) {
      container.execute("busybox", "sh", "-c", "echo from-exec > /proc/1/fd/1");
      eventually(() -> seen.contains("from-exec"));
      assertThat(following.await(Duration.ofMillis(20))).as("it still runs").isFalse();
      assertThat(seen).doesNotContain("ready");
    }
  }

  @Test
  void follow_untilAMoment_endsThere() {
    Container container =
        engine
            .containers()
            .start(
                shell("while :; do echo line; busybox sleep 0.05; done")
                    .stopTimeout(Duration.ZERO));
    Instant end = Instant.now().plusSeconds(3);
    List<LogLine> seen = new CopyOnWriteArrayList<>();
    try (Subscription following =
        container.logs().follow(LogQuery.all().until(end), line -> seen.add(line))) {
      assertThat(following.await(Duration.ofSeconds(60))).isTrue();
    }
    assertThat(Instant.now()).isAfterOrEqualTo(end);
    assertThat(seen).isNotEmpty().allMatch(line -> line.time().isBefore(end));
    assertThat(container.inspect().status()).isEqualTo(ContainerStatus.RUNNING);
    try (Subscription following =
        container.logs().follow(LogQuery.all().until(end), line -> seen.add(line))) {
      assertThat(following.await(Duration.ofSeconds(60))).as("long over").isTrue();
    }
    container.stop();
  }

  @Test
  void follow_ended_deliversWhatIsThere() {
    Container container = ended("echo 1; echo 2; echo 3");
    List<String> seen = Collections.synchronizedList(new ArrayList<>());
    try (Subscription following =
        container.logs().follow(LogQuery.all().tail(2), line -> seen.add(line.text()))) {
      assertThat(following.await(Duration.ofSeconds(10))).isTrue();
    }
    assertThat(seen).containsExactly("2", "3");
  }

  @Test
  void follow_close_endsTheCalls() throws Exception {
    Container container =
        engine.containers().start(shell("while :; do echo x; busybox sleep 0.01; done"));
    List<String> seen = Collections.synchronizedList(new ArrayList<>());
    Subscription following = container.logs().follow(line -> seen.add(line.text()));
    eventually(() -> seen.size() > 3);
    following.close();
    int count = seen.size();
    Thread.sleep(100);
    assertThat(seen).hasSize(count);
    following.close();
  }

  @Test
  void follow_closedFromTheConsumer_ends() {
    Container container =
        engine.containers().start(shell("while :; do echo x; busybox sleep 0.01; done"));
    List<Subscription> self = Collections.synchronizedList(new ArrayList<>());
    List<String> seen = Collections.synchronizedList(new ArrayList<>());
    Subscription following =
        container
            .logs()
            .follow(
                line -> {
                  seen.add(line.text());
                  self.forEach(Subscription::close);
                });
    self.add(following);
    assertThat(following.await(Duration.ofSeconds(10))).isTrue();
  }

  @Test
  void follow_consumerFails_endsTheSubscriptionOnly() {
    Container container =
        engine.containers().start(shell("while :; do echo x; busybox sleep 0.01; done"));
    Subscription failing =
        container
            .logs()
            .follow(
                line -> {
                  throw new IllegalStateException("a consumer's mistake");
                });
    assertThatThrownBy(() -> failing.await(Duration.ofSeconds(10)))
        .isExactlyInstanceOf(IllegalStateException.class)
        .hasMessage("a consumer's mistake");
    failing.close();
    assertThat(container.inspect().status().isAlive()).isTrue();
  }

  @Test
  void follow_consumerFails_isLoggedWithTheContainersNameAndTheStack() {
    Container container = ready(engine.containers().start(waiting().name("logged")));
    PrintStream before = System.err;
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
    try (Subscription failing =
        container
            .logs()
            .follow(
                line -> {
                  throw new UncheckedIOException(new IOException("mine"));
                })) {
      assertThatThrownBy(() -> failing.await(Duration.ofSeconds(10)))
          .isExactlyInstanceOf(UncheckedIOException.class);
    } finally {
      System.setErr(before);
    }
    assertThat(said.toString(StandardCharsets.UTF_8))
        .contains("container logged", "mine", "\tat " + LogsTest.class.getName());
  }

  @Test
  void rotation_keepsTheNewest() {
    Container container =
        engine
            .containers()
            .start(
                shell("i=0; while [ $i -lt 3000 ]; do echo line-$i; i=$((i+1)); done")
                    .log(new LogSpec(Bytes.kibi(8), 3)));
    container.await();
    List<String> lines = texts(container.logs().read());
    assertThat(lines).endsWith("line-2998", "line-2999").doesNotContain("line-0");
    assertThat(lines.size()).isBetween(10, 2999);
    int first = Integer.parseInt(lines.get(1).substring(5));
    assertThat(lines.subList(1, lines.size()))
        .as("without a gap")
        .isEqualTo(
            java.util.stream.IntStream.range(first, 3000).mapToObj(i -> "line-" + i).toList());
  }

  @Test
  void rotation_slowFollower_losesAtMostWhatIsRotatedAway_andFollowerThatKeepsUpNothing() {
    Container container =
        engine
            .containers()
            .start(
                shell(
                        "i=0; while [ $i -lt 4000 ]; do echo line-$i; i=$((i+1));"
                            + " [ $((i % 100)) = 0 ] && busybox sleep 0.02; done; exit 0")
                    .log(new LogSpec(Bytes.kibi(16), 5)));
    List<String> seen = Collections.synchronizedList(new ArrayList<>());
    try (Subscription following = container.logs().follow(line -> seen.add(line.text()))) {
      assertThat(following.await(Duration.ofSeconds(30))).isTrue();
    }
    assertThat(seen)
        .isEqualTo(java.util.stream.IntStream.range(0, 4000).mapToObj(i -> "line-" + i).toList());
  }

  @Test
  void log_none_keepsNothing() {
    Container container =
        engine.containers().start(shell("echo x").log(new LogSpec(Bytes.ZERO, 1)));
    container.await();
    assertThat(container.logs().read()).isEmpty();
  }

  @Test
  void log_none_isNotSaidToBeDamaged() {
    Container container =
        engine.containers().start(shell("echo x").log(new LogSpec(Bytes.ZERO, 1)));
    container.await();
    eventually(() -> container.inspect().status() == ContainerStatus.EXITED);
    PrintStream before = System.err;
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
    try {
      assertThat(container.logs().read()).isEmpty();
    } finally {
      System.setErr(before);
    }
    assertThat(said.toString(StandardCharsets.UTF_8)).doesNotContain("not whole");
  }
}
