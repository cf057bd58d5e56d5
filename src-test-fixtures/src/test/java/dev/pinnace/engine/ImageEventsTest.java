package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.Image;
import dev.pinnace.Pinnace;
import dev.pinnace.Subscription;
import dev.pinnace.event.Event;
import dev.pinnace.event.EventFilter;
import dev.pinnace.spec.SaveOptions;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What happens to images is told like what happens to containers. */
class ImageEventsTest extends EngineFixture {
  private static final EventFilter IMAGES = EventFilter.all().type(Event.Type.IMAGE);

  @TempDir Path directory;

  private static String shown(Event event) {
    return event.action().word() + " " + event.name();
  }

  @Test
  void images_changedByOneEngine_areToldToAnother() {
    List<String> told = new CopyOnWriteArrayList<>();
    try (Pinnace other = engine();
        Subscription follower = engine.onEvent(IMAGES, event -> told.add(shown(event)))) {
      Image made = other.images().host("busybox", "true").named("told:1").build();
      other.images().tag("told:1", "told:2");
      other.images().save(List.of("told:2"), directory.resolve("tar"), SaveOptions.defaults());
      other.images().remove("told:1", false);
      other.images().remove("told:2", false);
      List<Image> back = other.images().load(directory.resolve("tar"));
      assertThat(back).hasSize(1);
      other.images().remove("told:2", false);
      String deleted = "delete " + made.id();
      eventually(() -> told.size() >= 9);
      assertThat(told)
          .containsExactly(
              "import told:1",
              "tag told:2",
              "save told:2",
              "untag told:1",
              "untag told:2",
              deleted,
              "load told:2",
              "untag told:2",
              deleted);
    }
  }

  @Test
  void images_deleted_areToldByTheirIds_andKeptInTheHistory() throws Exception {
    Instant before = Instant.now();
    Image made = engine.images().host("busybox", "true").named("gone:1").build();
    engine.images().remove("gone:1", false);
    try (Stream<Event> history =
        engine.events(IMAGES.since(before).until(Instant.now().plusMillis(1)))) {
      List<Event> events = history.toList();
      assertThat(events)
          .extracting(ImageEventsTest::shown)
          .containsExactly("import gone:1", "untag gone:1", "delete " + made.id());
      assertThat(events).allMatch(event -> event.actor().equals(made.id().toString()));
      assertThat(events).allMatch(event -> event.container().isEmpty());
    }
  }
}
