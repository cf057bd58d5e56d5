package dev.pinnace.images;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.Pinnace;
import dev.pinnace.error.CancelledException;
import dev.pinnace.fixtures.images.ImageBlobs;
import dev.pinnace.fixtures.layer.LayerArchive;
import dev.pinnace.fixtures.leaks.LeakCheck;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.fixtures.registry.TestRegistry;
import dev.pinnace.internal.durable.FaultPoints;
import dev.pinnace.spec.ImageFilter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Interrupts whoever waits for a pull at every write of it: it ends, and the next one succeeds. */
@Needs("root")
@Timeout(240)
class PullInterruptTest {
  /** How long a write waits for its own thread to be interrupted, which not every one is. */
  private static final long PATIENCE_MS = 200;

  @RegisterExtension static final LeakCheck PLACE = new LeakCheck();

  private final TestRegistry registry = TestRegistry.start();
  private final String name = registry.address() + "/tool:1";
  private final Pinnace engine = PLACE.open();

  @AfterEach
  void close() {
    FaultPoints.listen(point -> {});
    engine.close();
    registry.close();
  }

  @Test
  void pull_interruptedAtEveryWrite() throws Exception {
    ImageBlobs image = new ImageBlobs();
    for (String file : List.of("one", "two")) {
      image.gzipLayer(new LayerArchive().file(file, file).bytes());
    }
    image.putInto(registry.content(), "tool", "1");
    List<String> reached = new ArrayList<>();
    int cancelled = 0;
    while (true) {
      int last = reached.size();
      boolean ended = pullInterruptedAt(last, reached);
      FaultPoints.listen(point -> {});
      if (reached.size() == last) {
        break;
      }
      cancelled += ended ? 0 : 1;
      verify("interrupted at " + reached);
    }
    assertThat(reached).contains("lease begun", "blob received", "layer appeared", "lease ended");
    assertThat(cancelled).isGreaterThan(reached.size() / 2);
  }

  /** Whether it succeeded; adds the name of the write, if there are so many. */
  private boolean pullInterruptedAt(int number, List<String> reached) {
    Thread waiting = Thread.currentThread();
    List<String> points = Collections.synchronizedList(new ArrayList<>());
    FaultPoints.listen(
        point -> {
          points.add(point);
          if (points.size() == number + 1) {
            reached.add(point);
            waiting.interrupt();
            awaitInterrupt();
          }
        });
    try {
      return engine.images().pull(name).references().contains(name);
    } catch (CancelledException expected) {
      return false;
    } finally {
      boolean unused = Thread.interrupted();
    }
  }

  private static void awaitInterrupt() {
    try {
      Thread.sleep(PATIENCE_MS);
    } catch (InterruptedException cancelled) {
      Thread.currentThread().interrupt();
    }
  }

  private void verify(String what) throws IOException {
    if (engine.images().find(name).isEmpty()) {
      assertThat(engine.images().list()).as(what).isEmpty();
      assertThat(files("content/blobs/sha256")).as(what).isEmpty();
    }
    assertThat(files("content/ingest"))
        .as(what)
        .allMatch(file -> file.toString().endsWith(".partial"));
    assertThat(engine.images().pull(name).config().diffIds()).as(what).hasSize(2);
    assertThat(engine.images().list()).as(what).allMatch(image -> image.damage().isEmpty());
    assertThat(files("content/ingest")).as(what).isEmpty();
    engine.images().prune(ImageFilter.all());
    assertThat(files("content/blobs/sha256")).as(what).isEmpty();
  }

  private static List<Path> files(String below) throws IOException {
    try (Stream<Path> files = Files.list(PLACE.root().resolve(below))) {
      return files.toList();
    }
  }
}
