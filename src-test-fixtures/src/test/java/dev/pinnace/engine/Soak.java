package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.StartFailedException;
import dev.pinnace.spec.ContainerFilter;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.ContainerState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Threads of one JVM that make, use, rename and remove containers beside those of other JVMs. Half
 * of the containers are left alone by everybody else, so that no call of their owner may fail; with
 * the others anybody does anything.
 */
final class Soak {
  private static final int THREADS = 8;

  /** So few that somebody else often has the one that is wanted. */
  private static final int NAMES = 12;

  private static final String SHARED = "shared";

  private final Pinnace engine;
  private final Random dice;

  private Soak(Pinnace engine, long seed) {
    this.engine = engine;
    this.dice = new Random(seed);
  }

  /** The ids of the containers that are there at the end and that nobody else touches. */
  static List<String> run(Pinnace engine, long seed, int lives) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      List<Callable<String>> work = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        Soak thread = new Soak(engine, seed * THREADS + i);
        work.add(() -> thread.lives(lives));
      }
      List<String> kept = new ArrayList<>();
      for (Future<String> thread : threads.invokeAll(work)) {
        kept.add(thread.get());
      }
      return kept;
    } catch (ExecutionException e) {
      e.printStackTrace(); // the answer is one line
      throw e;
    } finally {
      threads.shutdownNow();
    }
  }

  private String lives(int count) {
    for (int i = 0; i < count; i++) {
      if (dice.nextBoolean()) {
        own();
      } else {
        shared();
      }
      meddle();
    }
    return create(false).id().hex();
  }

  private void own() {
    Container container = create(false);
    container.start();
    use(container);
    rename(container);
    assertThat(listed(container)).isEqualTo(1);
    if (dice.nextBoolean()) {
      container.stop(Duration.ZERO);
      container.start();
      use(container);
    }
    container.remove(true);
    assertThat(engine.containers().find(container.id().hex())).isEmpty();
  }

  private void use(Container container) {
    String word = "word-" + dice.nextInt(1000);
    assertThat(container.execute("busybox", "echo", word).stdout()).isEqualTo(word + "\n");
    assertThat(container.inspect().id()).isEqualTo(container.id());
  }

  private long listed(Container container) {
    return engine.containers().list(ContainerFilter.all()).stream()
        .filter(state -> state.id().equals(container.id()))
        .count();
  }

  private void shared() {
    Container container = create(true);
    tolerating(container::start);
    tolerating(() -> container.execute("busybox", "true"));
    tolerating(() -> container.remove(true));
  }

  /** Does something with a container that is anybody's. */
  private void meddle() {
    List<ContainerState> anybodys = engine.containers().list(ContainerFilter.all().label(SHARED));
    if (anybodys.isEmpty()) {
      return;
    }
    String id = anybodys.get(dice.nextInt(anybodys.size())).id().hex();
    tolerating(
        () -> {
          Container container = engine.containers().get(id);
          switch (dice.nextInt(6)) {
            case 0 -> container.stop(Duration.ZERO);
            case 1 -> container.restart(Duration.ZERO);
            case 2 -> container.execute("busybox", "true");
            case 3 -> container.remove(true);
            case 4 -> container.start();
            default -> rename(container);
          }
        });
  }

  private static void tolerating(Runnable work) {
    try {
      work.run();
    } catch (ConflictException | NotFoundException | StartFailedException meddled) {
      assertThat(meddled.getMessage()).isNotBlank();
    }
  }

  private Container create(boolean shared) {
    while (true) {
      Optional<String> name = dice.nextBoolean() ? Optional.of(name()) : Optional.empty();
      ContainerSpecBuilder spec =
          EngineFixture.shell("while :; do busybox sleep 1; done").stopTimeout(Duration.ZERO);
      name.ifPresent(spec::name);
      if (dice.nextBoolean()) {
        spec.detached();
      }
      if (shared) {
        spec.label(SHARED, "yes");
      }
      try {
        return engine.containers().create(spec);
      } catch (ConflictException taken) {
        assertThat(taken.getMessage()).contains(name.orElseThrow(() -> taken));
      }
    }
  }

  private String name() {
    return "name-" + dice.nextInt(NAMES);
  }

  private void rename(Container container) {
    String name = name();
    try {
      container.rename(name);
    } catch (ConflictException taken) {
      assertThat(taken).hasMessageContaining(name);
    }
  }
}
