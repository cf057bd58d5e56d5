package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.Container;
import dev.pinnace.spec.ExitStatus;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
}
