package dev.pinnace.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.event.Event;
import dev.pinnace.event.Event.Action;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** Which events the command line asks for. */
class EventsCommandTest {
  private static final Instant NOW = Instant.parse("2026-01-31T12:00:00Z");

  private static EventsCommand with(String... filters) {
    EventsCommand command = new EventsCommand();
    CommandLine line = new CommandLine(command);
    line.parseArgs(
        List.of(filters).stream()
            .flatMap(filter -> List.of("--filter", filter).stream())
            .toArray(String[]::new));
    return command;
  }

  private static Event event(Action action, String name, Map<String, String> details) {
    return new Event(NOW, action, "ab".repeat(32), name, "", Map.of(), details);
  }

  private static boolean shows(EventsCommand command, Event event) {
    return command.filter(NOW).since(NOW).matches(event) && command.isWanted(event);
  }

  @Test
  void health_isAnyOfIt_orOneOfItsStates() {
    Event healthy = event(Action.HEALTH_STATUS, "web", Map.of("healthStatus", "healthy"));
    Event ill = event(Action.HEALTH_STATUS, "web", Map.of("healthStatus", "unhealthy"));
    assertThat(shows(with("event=health_status"), ill)).isTrue();
    assertThat(shows(with("event=health_status: healthy"), healthy)).isTrue();
    assertThat(shows(with("event=health_status: healthy"), ill)).isFalse();
    assertThat(shows(with("event=health_status: healthy", "event=die"), healthy)).isTrue();
    assertThat(shows(with("event=die"), healthy)).isFalse();
  }

  @Test
  void volumesAndNetworks_areAskedForByName() {
    Event volume = event(Action.VOLUME_CREATE, "data", Map.of());
    Event network = event(Action.NETWORK_CREATE, "data", Map.of());
    assertThat(shows(with("volume=data"), volume)).isTrue();
    assertThat(shows(with("volume=data"), network)).isFalse();
    assertThat(shows(with("network=data"), network)).isTrue();
    assertThat(shows(with("network=abab"), network)).isTrue();
    assertThat(shows(with("network=other", "network=data"), network)).isTrue();
    assertThat(shows(with("event=create"), volume)).isTrue();
    assertThat(shows(with("event=create", "type=network"), volume)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "volume",
        "volume=",
        "network=",
        "container=",
        "image=",
        "plugin=x",
        "event=",
        "event=no",
        "event=die: 1",
        "type=daemon"
      })
  void whatCannotBeAskedFor_isRefused(String filter) {
    EventsCommand command = with(filter);
    assertThatThrownBy(() -> command.filter(NOW)).isInstanceOf(InvalidSpecException.class);
  }
}
