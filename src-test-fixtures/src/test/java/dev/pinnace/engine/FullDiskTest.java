package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.Container;
import dev.pinnace.Logs;
import dev.pinnace.Pinnace;
import dev.pinnace.Subscription;
import dev.pinnace.spec.ExitStatus;
import dev.pinnace.spec.LogLine;
import dev.pinnace.spec.LogQuery;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The supervisor can write neither the log nor the exit record, as on a disk that is full. */
class FullDiskTest extends EngineFixture {
  private static Container unwritable(Container container) throws IOException {
    Path directory = root().resolve("containers").resolve(container.id().hex());
    Files.createDirectory(directory.resolve("logs").resolve("log"));
    Files.createDirectory(directory.resolve("exit.tmp"));
    return container;
  }

  @Test
  void startAttached_handsAllOnAndTellsTheStatusAndWhatTheLogLacks() throws IOException {
    Container container = unwritable(engine.containers().create(shell("echo out; exit 3")));
    ByteArrayOutputStream stdout = new ByteArrayOutputStream();
    ExitStatus status = container.startAttached(new byte[0], stdout::writeBytes, bytes -> {});
    assertThat(stdout).hasToString("out\n");
    assertThat(status.code()).isEqualTo(3);
    assertThat(status.remark()).startsWith("4 bytes of output are not in its log");
  }

  @Test
  void await_tellsTheStatusAndWhatTheLogLacks() throws IOException {
    Container container =
        unwritable(engine.containers().create(shell("echo out; busybox sleep 1; exit 3")));
    container.start();
    ExitStatus status = container.await();
    assertThat(status.code()).isEqualTo(3);
    assertThat(status.remark()).startsWith("4 bytes of output are not in its log");
  }

  @Test
  void logs_endWithWhatTheyLack() throws Exception {
    Container container =
        engine.containers().create(shell("echo out; busybox sleep 1; echo >&2 err"));
    List<LogLine> followed = new ArrayList<>();
    try (FullLog log = new FullLog(container)) {
      container.start();
      try (Subscription all = container.logs().follow(followed::add)) {
        assertThat(all.await(Duration.ofSeconds(10))).isTrue();
      }
      assertThat(followed).singleElement().satisfies(FullDiskTest::assertNote);
      assertThat(container.logs().read()).singleElement().satisfies(FullDiskTest::assertNote);
      assertThat(container.logs().read(LogQuery.all().stdoutOnly())).isEmpty();
      assertThat(container.logs().read(LogQuery.all().tail(0))).isEmpty();
      try (Pinnace other = engine()) {
        Logs same = other.containers().get(container.name()).logs();
        assertThat(same.read()).singleElement().satisfies(FullDiskTest::assertNote);
        followed.clear();
        try (Subscription all = same.follow(followed::add)) {
          assertThat(all.await(Duration.ofSeconds(10))).isTrue();
        }
        assertThat(followed).singleElement().satisfies(FullDiskTest::assertNote);
      }
    }
  }

  @Test
  void logs_ofARunThatLacksNothing_endWithItsLastLine() throws Exception {
    Container container = engine.containers().create(shell("echo out"));
    try (FullLog log = new FullLog(container)) {
      container.start();
      container.await();
    }
    container.start();
    container.await();
    assertThat(container.logs().read()).extracting(LogLine::text).containsExactly("out");
  }

  private static void assertNote(LogLine line) {
    assertThat(line.source()).isEqualTo(LogLine.Source.NOTE);
    assertThat(line.text()).startsWith("8 bytes of output are not in its log");
  }

  /** The log of a container on a disk of its own, which is full. */
  private static final class FullLog implements AutoCloseable {
    private final Path directory;

    private FullLog(Container container) throws Exception {
      directory = root().resolve("containers").resolve(container.id().hex()).resolve("logs");
      run("mount", "-t", "tmpfs", "-o", "size=4k", "full", directory.toString());
      Files.write(directory.resolve("filler"), new byte[4096]);
    }

    private static void run(String... command) throws IOException, InterruptedException {
      assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    }

    @Override
    public void close() throws Exception {
      run("umount", "-l", directory.toString());
    }
  }
}
