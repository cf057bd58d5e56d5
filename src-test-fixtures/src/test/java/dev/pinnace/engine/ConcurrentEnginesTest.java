package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.ScopedContainer;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.spec.ContainerFilter;
import dev.pinnace.spec.ContainerState;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;

/** Several engines on one root that all work at once, while others come and go. */
class ConcurrentEnginesTest extends EngineFixture {
  private static final int ROUNDS = 40;

  private final List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());

  @Test
  void runCreateRemove_whileOthersOpenAndClose() throws Exception {
    ready(engine.containers().start(waiting().name("stays")));
    AtomicBoolean over = new AtomicBoolean();
    ExecutorService threads = Executors.newCachedThreadPool();
    try {
      List<Future<?>> visitors =
          List.of(threads.submit(() -> visit(over)), threads.submit(() -> visit(over)));
      List<Future<?>> workers =
          List.of(
              threads.submit(() -> work(this::run)),
              threads.submit(() -> work(this::scope)),
              threads.submit(() -> work(this::createAndRemove)));
      for (Future<?> worker : workers) {
        worker.get();
      }
      over.set(true);
      for (Future<?> visitor : visitors) {
        visitor.get();
      }
    } finally {
      over.set(true);
      threads.shutdownNow();
    }
    assertThat(failures).isEmpty();
    assertThat(engine.containers().list(ContainerFilter.all()))
        .extracting(ContainerState::name)
        .containsExactly("stays");
  }

  /** Opens an engine, which tidies up, looks around and goes. */
  private void visit(AtomicBoolean over) {
    while (!over.get()) {
      attempt(
          () -> {
            try (Pinnace visitor = engine()) {
              assertThat(visitor.containers().list(ContainerFilter.all()))
                  .extracting(ContainerState::name)
                  .contains("stays");
            }
          });
    }
  }

  private void work(IntConsumer job) {
    for (int round = 0; round < ROUNDS; round++) {
      int number = round;
      attempt(() -> job.accept(number));
    }
  }

  private void attempt(Runnable job) {
    try {
      job.run();
    } catch (RuntimeException | AssertionError e) {
      failures.add(e);
    }
  }

  private void run(int round) {
    assertThat(engine.containers().run(shell("echo " + round)).stdout()).isEqualTo(round + "\n");
  }

  private void scope(int round) {
    try (Pinnace own = engine();
        ScopedContainer container = own.containers().scoped(shell("echo " + round))) {
      assertThat(container.await().code()).isZero();
      assertThat(container.logs().text()).isEqualTo(round + "\n");
    }
  }

  private void createAndRemove(int round) {
    Container created = engine.containers().create(waiting().name("n" + round % 3));
    try (Pinnace other = engine()) {
      other.containers().get(created.name()).remove(false);
    }
    assertThat(engine.containers().find(created.id().hex())).isEmpty();
    try {
      created.remove(false);
      throw new AssertionError("it was removed twice");
    } catch (NotFoundException gone) {
      assertThat(gone).hasMessageContaining(created.id().shortHex());
    }
  }
}
