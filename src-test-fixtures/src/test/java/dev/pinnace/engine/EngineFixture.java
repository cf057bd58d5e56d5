package dev.pinnace.engine;

import static dev.pinnace.spec.ContainerSpec.image;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.error.ConflictException;
import dev.pinnace.fixtures.leaks.LeakCheck;
import dev.pinnace.fixtures.leaks.Leftovers;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.spec.ContainerSpecBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** One root for a class, one engine for each of its tests, and nothing left after any of them. */
@Needs({"root", "busybox"})
@Timeout(120)
abstract class EngineFixture {
  static final String IMAGE = "localhost/busy:latest";

  @RegisterExtension static final LeakCheck PLACE = new LeakCheck();

  Pinnace engine;

  @BeforeEach
  void open() {
    engine = engine();
    if (engine.images().find(IMAGE).isEmpty()) {
      engine.images().host("busybox").named(IMAGE).build();
    }
  }

  static Path root() {
    return PLACE.root();
  }

  static Path runDirectory() {
    return PLACE.run();
  }

  /** A further engine on the same root. */
  static Pinnace engine() {
    return PLACE.open();
  }

  @AfterEach
  void close() throws IOException {
    Leftovers.remove(engine);
    engine.close();
    assertNothingLeft();
  }

  /** No directory of a container, no name, no half-written file, no cgroup of this root. */
  static void assertNothingLeft() throws IOException {
    assertThat(children(root().resolve("containers"))).isEmpty();
    assertThat(children(root().resolve("names"))).isEmpty();
    assertThat(children(root().resolve("volumes/.drafts"))).isEmpty();
    for (Path run : children(runDirectory())) {
      assertThat(children(run).stream().filter(Files::isDirectory)).isEmpty();
    }
    assertThat(children(root())).noneMatch(p -> p.getFileName().toString().contains("VERSION-"));
    assertThat(Cgroups.of(root())).isEmpty();
  }

  static List<Path> children(Path directory) throws IOException {
    try (Stream<Path> children = Files.list(directory)) {
      return children.sorted().toList();
    }
  }

  /** A container that runs a script of busybox's shell. */
  static ContainerSpecBuilder shell(String script) {
    return image(IMAGE).command("busybox", "sh", "-c", script);
  }

  /** A container that waits to be ended and ends at once with 0 when it is asked to. */
  static ContainerSpecBuilder waiting() {
    return shell("trap 'exit 0' TERM; echo ready; while :; do busybox sleep 0.05; done");
  }

  /** Waits until a line of its log is {@code ready}. */
  static Container ready(Container container) {
    eventually(() -> container.logs().text().contains("ready\n"));
    return container;
  }

  /** Makes all attempts at once: how many of them do not end in a conflict. */
  static int winners(List<Runnable> attempts) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(attempts.size());
    try {
      List<Callable<Integer>> work = new ArrayList<>();
      for (Runnable attempt : attempts) {
        work.add(
            () -> {
              try {
                attempt.run();
                return 1;
              } catch (ConflictException e) {
                return 0;
              }
            });
      }
      int winners = 0;
      for (Future<Integer> done : threads.invokeAll(work)) {
        winners += done.get();
      }
      return winners;
    } finally {
      threads.shutdownNow();
    }
  }

  static void eventually(BooleanSupplier condition) {
    eventually(Duration.ofSeconds(10), condition);
  }

  /** Asks every 5 ms whether {@code condition} has come about. */
  static void eventually(Duration limit, BooleanSupplier condition) {
    long end = System.nanoTime() + limit.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("the condition did not come about within " + limit);
      }
      try {
        Thread.sleep(5);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError("interrupted", e);
      }
    }
  }
}
