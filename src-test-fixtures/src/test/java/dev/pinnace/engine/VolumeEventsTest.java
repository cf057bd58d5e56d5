package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.Container;
import dev.pinnace.event.Event;
import dev.pinnace.event.Event.Action;
import dev.pinnace.event.EventFilter;
import dev.pinnace.spec.Mount;
import dev.pinnace.spec.VolumeFilter;
import dev.pinnace.spec.VolumeSpec;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What is told of volumes, whoever makes and removes them. */
class VolumeEventsTest extends VolumeFixture {
  private final Instant before = Instant.now();

  private List<String> told() {
    EventFilter volumes =
        EventFilter.all().since(before).until(Instant.now()).type(Event.Type.VOLUME);
    try (Stream<Event> events = engine.events(volumes)) {
      return events.map(event -> event.action().word() + " " + event.actor()).toList();
    }
  }

  @Test
  void madeAndRemoved_onceEach() {
    VolumeSpec spec = VolumeSpec.named("told").withLabel("tier", "front");
    engine.volumes().create(spec);
    engine.volumes().create(spec);
    engine.volumes().get("told").remove();
    assertThat(told()).containsExactly("create told", "destroy told");
    EventFilter labelled =
        EventFilter.all()
            .since(before)
            .until(Instant.now())
            .action(Action.VOLUME_CREATE)
            .label("tier", "front");
    try (Stream<Event> events = engine.events(labelled)) {
      assertThat(events.toList())
          .singleElement()
          .satisfies(
              event -> {
                assertThat(event.name()).isEqualTo("told");
                assertThat(event.image()).isEmpty();
                assertThat(event.container()).isEmpty();
              });
    }
  }

  @Test
  void withContainers_andPruned_andRestored() {
    Container container =
        engine
            .containers()
            .create(
                waiting()
                    .mount(Mount.volume("named").at("/named"))
                    .mount(Mount.anonymousVolume().at("/anonymous")));
    String anonymous = engine.volumes().list(VolumeFilter.all().anonymous(true)).get(0).name();
    container.remove(false, true);
    ByteArrayOutputStream tar = new ByteArrayOutputStream();
    engine.volumes().get("named").backup(tar);
    engine.volumes().prune(VolumeFilter.all());
    engine
        .volumes()
        .restore(VolumeSpec.named("again"), new ByteArrayInputStream(tar.toByteArray()))
        .remove();
    assertThat(told())
        .containsExactlyInAnyOrder(
            "create named",
            "create " + anonymous,
            "destroy " + anonymous,
            "destroy named",
            "create again",
            "destroy again");
  }

  @Test
  void ofAContainerThatRuns_mountedAndUnmounted() {
    Container container =
        engine.containers().start(shell("exit 0").mount(Mount.volume("used").at("/used")));
    container.await();
    eventually(() -> told().contains("unmount used"));
    assertThat(told()).containsExactly("create used", "mount used", "unmount used");
  }
}
