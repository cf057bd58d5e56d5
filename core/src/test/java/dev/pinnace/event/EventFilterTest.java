package dev.pinnace.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.event.Event.Action;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EventFilterTest {
  private static final Instant NOW = Instant.parse("2026-01-31T12:00:00Z");
  private static final EventFilter ALL = EventFilter.all();
  private static final Event EVENT =
      new Event(
          NOW,
          Action.RENAME,
          "ab".repeat(32),
          "web",
          "docker.io/library/alpine:latest",
          Map.of("tier", "front"),
          Map.of("oldName", "www"));

  @Test
  void everything_matches_whenNothingIsAsked() {
    assertThat(ALL.matches(EVENT)).isTrue();
  }

  @Test
  void times_includeTheirEnds() {
    assertThat(ALL.since(NOW).until(NOW).matches(EVENT)).isTrue();
    assertThat(ALL.since(NOW.plusNanos(1)).matches(EVENT)).isFalse();
    assertThat(ALL.until(NOW.minusNanos(1)).matches(EVENT)).isFalse();
  }

  @Test
  void actions_containers_images_ofSeveralAny() {
    assertThat(ALL.action(Action.DIE).matches(EVENT)).isFalse();
    assertThat(ALL.action(Action.DIE).action(Action.RENAME).matches(EVENT)).isTrue();
    assertThat(ALL.container("db").matches(EVENT)).isFalse();
    assertThat(ALL.container("db").container("web").matches(EVENT)).isTrue();
    assertThat(ALL.image("debian").matches(EVENT)).isFalse();
    assertThat(ALL.image("debian").image("alpine").matches(EVENT)).isTrue();
  }

  @Test
  void containers_areCalledByName_earlierName_idAndItsBeginning() {
    assertThat(ALL.container("www").matches(EVENT)).isTrue();
    assertThat(ALL.container("abab").matches(EVENT)).isTrue();
    assertThat(ALL.container(EVENT.container().orElseThrow()).matches(EVENT)).isTrue();
    assertThat(ALL.container("we").matches(EVENT)).isFalse();
    assertThatThrownBy(() -> ALL.container("")).isInstanceOf(InvalidSpecException.class);
  }

  @Test
  void images_withoutTag_areOfEveryTag() {
    Event tagged = new Event(NOW, Action.DIE, EVENT.actor(), "web", "alpine:3", Map.of(), Map.of());
    assertThat(ALL.image("alpine").matches(tagged)).isTrue();
    assertThat(ALL.image("docker.io/library/alpine").matches(tagged)).isTrue();
    assertThat(ALL.image("alpine:3").matches(tagged)).isTrue();
    assertThat(ALL.image("alpine:latest").matches(tagged)).isFalse();
    assertThat(ALL.image("alpine:latest").matches(EVENT)).isTrue();
  }

  @Test
  void types_chooseWhatThingsHappenTo() {
    Event image =
        new Event(
            NOW,
            Action.TAG,
            "sha256:" + "cd".repeat(32),
            "alpine:3",
            "alpine:3",
            Map.of(),
            Map.of());
    assertThat(ALL.type(Event.Type.IMAGE).matches(image)).isTrue();
    assertThat(ALL.type(Event.Type.IMAGE).matches(EVENT)).isFalse();
    assertThat(ALL.type(Event.Type.IMAGE).type(Event.Type.CONTAINER).matches(EVENT)).isTrue();
    assertThat(ALL.image("alpine").matches(image)).isTrue();
    assertThat(ALL.image(image.actor()).matches(image)).isTrue();
    assertThat(ALL.image("debian").matches(image)).isFalse();
    assertThat(ALL.container("alpine:3").matches(image)).isFalse();
    assertThat(image.container()).isEmpty();
  }

  @Test
  void volumesAndNetworks_areCalledByName_networksByIdToo() {
    String id = "ef".repeat(32);
    Event volume = new Event(NOW, Action.VOLUME_CREATE, "data", "data", "", Map.of(), Map.of());
    Event network = new Event(NOW, Action.NETWORK_CREATE, id, "data", "", Map.of(), Map.of());
    assertThat(ALL.volume("other").volume("data").matches(volume)).isTrue();
    assertThat(ALL.volume("dat").matches(volume)).isFalse();
    assertThat(ALL.volume("data").matches(network)).isFalse();
    assertThat(ALL.network("data").matches(network)).isTrue();
    assertThat(ALL.network("efef").matches(network)).isTrue();
    assertThat(ALL.network("data").matches(volume)).isFalse();
    assertThat(ALL.volume("data").network("data").matches(volume)).isFalse();
    assertThatThrownBy(() -> ALL.volume("")).isInstanceOf(InvalidSpecException.class);
    assertThatThrownBy(() -> ALL.network("")).isInstanceOf(InvalidSpecException.class);
    assertThatThrownBy(() -> ALL.image("")).isInstanceOf(InvalidSpecException.class);
  }

  @Test
  void images_thatAreNoReferences_areComparedAsTheyAre() {
    assertThat(ALL.image("No Such").matches(EVENT)).isFalse();
    assertThat(ALL.image(EVENT.image()).matches(EVENT)).isTrue();
  }

  @Test
  void labels_areAllMet() {
    assertThat(ALL.label("tier", "front").label("tier", "").matches(EVENT)).isTrue();
    assertThat(ALL.label("tier", "front").label("zone", "").matches(EVENT)).isFalse();
  }

  @Test
  void allConditions_hold() {
    assertThat(ALL.container("web").action(Action.DIE).matches(EVENT)).isFalse();
  }
}
