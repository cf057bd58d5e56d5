package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.pinnace.Container;
import dev.pinnace.Containers;
import dev.pinnace.Pinnace;
import dev.pinnace.spec.ContainerFilter;
import dev.pinnace.spec.ContainerState;
import dev.pinnace.spec.ContainerStatus;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** An engine that is closed while others do with it whatever they like. */
class CloseUnderLoadTest extends EngineFixture {
  private static final int ROUNDS = 8;

  private final Set<String> given = ConcurrentHashMap.newKeySet();
  private final AtomicInteger number = new AtomicInteger();

  @Test
  void close_underLoad_refusesAllAlike_andLeavesOnlyWhatWasGiven() throws Exception {
    Container on = ready(engine.containers().start(waiting().name("on").detached()));
    given.add(on.name());
    for (int round = 0; round < ROUNDS; round++) {
      Pinnace closing = engine();
      Throwable[] failures = failuresOf(uses(closing), closing, 30 + 45L * round);
      assertThat(failures)
          .allSatisfy(
              failure ->
                  assertThat(failure)
                      .isExactlyInstanceOf(IllegalStateException.class)
                      .hasMessage("the engine on " + root() + " is closed"));
      engine().close();
      for (ContainerState left : engine.containers().list(ContainerFilter.all())) {
        assertThat(given).contains(left.name());
        assertThat(left.status())
            .as("status of %s", left.name())
            .isEqualTo(
                switch (left.name().charAt(0)) {
                  case 'b' -> ContainerStatus.EXITED;
                  case 'c' -> ContainerStatus.CREATED;
                  default -> ContainerStatus.RUNNING;
                });
        if (!left.name().equals("on")) {
          engine.containers().get(left.name()).remove(true);
        }
      }
      assertThat(children(root().resolve("containers"))).hasSize(1);
      assertThat(children(root().resolve("names"))).hasSize(1);
    }
  }

  private List<Runnable> uses(Pinnace closing) {
    Containers containers = closing.containers();
    Container on = containers.get("on");
    return List.of(
        () -> containers.run(shell("echo x")),
        () -> containers.run(shell("exec busybox sleep 0.1")),
        () -> given.add(containers.start(waiting().name(name("b"))).name()),
        () -> given.add(containers.start(waiting().name(name("d")).detached()).name()),
        () -> given.add(containers.create(waiting().name(name("c"))).name()),
        () -> on.execute("busybox", "true"),
        () -> on.inspect(),
        () -> on.logs().text(),
        () -> on.export(OutputStream.nullOutputStream()),
        closing::info,
        closing::diskUsage);
  }

  private String name(String kind) {
    return kind + number.incrementAndGet();
  }

  /** Each is used again and again until it fails. */
  private static Throwable[] failuresOf(List<Runnable> uses, Pinnace closing, long millis)
      throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(uses.size());
    try {
      List<Future<Throwable>> ends = new ArrayList<>();
      for (Runnable use : uses) {
        ends.add(threads.submit(() -> catchThrowable(() -> forEver(use))));
      }
      Thread.sleep(millis);
      long begun = System.nanoTime();
      closing.close();
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(10));
      Throwable[] failures = new Throwable[uses.size()];
      for (int i = 0; i < failures.length; i++) {
        failures[i] = ends.get(i).get();
      }
      return failures;
    } finally {
      threads.shutdownNow();
    }
  }

  private static void forEver(Runnable use) {
    while (true) {
      use.run();
    }
  }
}
