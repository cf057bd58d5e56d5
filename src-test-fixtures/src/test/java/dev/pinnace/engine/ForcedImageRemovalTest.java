package dev.pinnace.engine;

import static dev.pinnace.spec.ContainerSpec.image;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Container;
import dev.pinnace.Image;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.event.Event;
import dev.pinnace.event.EventFilter;
import dev.pinnace.internal.durable.FaultPoints;
import dev.pinnace.spec.DiskUsage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Images that are removed by force go with the last container that stands on them. */
class ForcedImageRemovalTest extends EngineFixture {
  private static final String DOOMED = "localhost/doomed:latest";

  @Test
  void remove_lastContainer_takesLayersAndBlobs() throws IOException {
    Set<Path> before = stored();
    engine.images().host("busybox", "true").named(DOOMED).build();
    Container first = engine.containers().create(image(DOOMED).command("true"));
    Container last = engine.containers().create(image(DOOMED).command("true"));
    engine.images().remove(DOOMED, true);
    first.remove(false);
    assertThat(stored()).as("what the last one needs").isNotEqualTo(before);
    last.start();
    assertThat(last.await().code()).isZero();
    last.remove(false);
    assertThat(stored()).isEqualTo(before);
  }

  /** What is left of it goes with its last container: then nothing more is told of it. */
  @Test
  void remove_isTold_onceAndAtOnce() {
    Instant began = Instant.now();
    Image doomed = engine.images().host("busybox", "true").named(DOOMED).build();
    Container container = engine.containers().create(image(DOOMED).command("true"));
    engine.images().remove(DOOMED, true);
    assertThat(deletions(began)).containsExactly(doomed.id().toString());
    container.remove(false);
    assertThat(deletions(began)).hasSize(1);
  }

  private List<String> deletions(Instant began) {
    try (Stream<Event> events =
        engine.events(
            EventFilter.all().action(Event.Action.DELETE).since(began).until(Instant.now()))) {
      return events.map(Event::actor).toList();
    }
  }

  @Test
  void diskUsage_countsWhatAContainerKeeps() {
    DiskUsage before = engine.diskUsage();
    engine.images().host("busybox", "true").named(DOOMED).build();
    Container container = engine.containers().create(image(DOOMED).command("true"));
    DiskUsage named = engine.diskUsage();
    assertThat(named.imagesTotal().count()).isGreaterThan(before.imagesTotal().count());
    engine.images().remove(DOOMED, true);
    DiskUsage kept = engine.diskUsage();
    assertThat(kept.imagesTotal()).isEqualTo(named.imagesTotal());
    assertThat(kept.imagesReclaimable()).isEqualTo(named.imagesReclaimable());
    container.remove(false);
    assertThat(engine.diskUsage()).isEqualTo(before);
  }

  @Test
  void autoRemove_takesLayersAndBlobsAtItsEnd() throws IOException {
    Set<Path> before = stored();
    engine.images().host("busybox", "true").named(DOOMED).build();
    Container container =
        ready(
            engine
                .containers()
                .start(
                    image(DOOMED)
                        .command("busybox", "sh", "-c", "echo ready; exec busybox sleep 60")
                        .autoRemove()));
    engine.images().remove(DOOMED, true);
    container.stop(java.time.Duration.ZERO);
    eventually(() -> engine.containers().find(container.name()).isEmpty());
    eventually(() -> stored().equals(before));
  }

  @Test
  void remove_whileACreationFails_takesLayersAndBlobs() {
    Set<Path> before = stored();
    engine.images().host("busybox", "true").named(DOOMED).build();
    Container holder = engine.containers().create(waiting().name("taken"));
    atTheFirstLease(
        () -> engine.images().remove(DOOMED, true),
        () ->
            assertThatThrownBy(
                    () -> engine.containers().create(image(DOOMED).command("true").name("taken")))
                .isInstanceOf(ConflictException.class));
    assertThat(stored()).isEqualTo(before);
    holder.remove(false);
  }

  @Test
  void remove_whileAContainerIsExplained_takesLayersAndBlobs() {
    Set<Path> before = stored();
    engine.images().host("busybox", "true").named(DOOMED).build();
    atTheFirstLease(
        () -> engine.images().remove(DOOMED, true),
        () -> assertThat(engine.containers().explain(image(DOOMED).command("true"))).isNotEmpty());
    assertThat(stored()).isEqualTo(before);
  }

  @Test
  void remove_whileItsContainerIsExported_takesLayersAndBlobs() {
    Set<Path> before = stored();
    engine.images().host("busybox", "true").named(DOOMED).build();
    Container container = engine.containers().create(image(DOOMED).command("true"));
    atTheFirstLease(
        () -> {
          engine.images().remove(DOOMED, true);
          container.remove(true);
        },
        () ->
            assertThatThrownBy(() -> container.export(OutputStream.nullOutputStream()))
                .isInstanceOf(PinnaceException.class));
    assertThat(stored()).isEqualTo(before);
  }

  /** Has something happen when {@code work} has begun to keep layers. */
  private static void atTheFirstLease(Runnable happening, Runnable work) {
    AtomicBoolean happened = new AtomicBoolean();
    FaultPoints.listen(
        point -> {
          if (point.equals("lease begun") && happened.compareAndSet(false, true)) {
            happening.run();
          }
        });
    try {
      work.run();
    } finally {
      FaultPoints.listen(point -> {});
    }
    assertThat(happened).isTrue();
  }

  /** Unpacked layers and blobs. */
  private static Set<Path> stored() {
    try (Stream<Path> layers = Files.walk(root().resolve("layers"), 3);
        Stream<Path> blobs = Files.list(root().resolve("content/blobs/sha256"))) {
      return Stream.concat(layers, blobs).collect(Collectors.toSet());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
