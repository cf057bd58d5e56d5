package dev.pinnace.internal.content;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who waits for long is told so once, where standard error is the log. */
@Timeout(60)
class NamedLockTest {
  @TempDir private Path directory;
  private final PrintStream before = System.err;
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();

  @BeforeEach
  void capture() {
    System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
  }

  @AfterEach
  void release() {
    System.setErr(before);
  }

  @Test
  void take_heldForLong_warnsOnceAndGoesOn() throws Exception {
    CompletableFuture<NamedLock> waiting;
    try (NamedLock held = NamedLock.take(directory, "a.layer")) {
      waiting =
          CompletableFuture.supplyAsync(
              () -> NamedLock.take(directory, "a.layer", Duration.ofMillis(100)));
      while (log.size() == 0 && !waiting.isDone()) {
        Thread.sleep(10);
      }
      Thread.sleep(500);
      assertThat(waiting).isNotDone();
    }
    waiting.get(30, TimeUnit.SECONDS).close();
    assertThat(log.toString(StandardCharsets.UTF_8).lines())
        .singleElement()
        .asString()
        .contains("another pull has held " + directory.resolve("a.layer") + " for ");
  }

  @Test
  void take_free_saysNothing() {
    NamedLock.take(directory, "a.layer").close();
    assertThat(log.toString(StandardCharsets.UTF_8)).isEmpty();
  }
}
