package dev.pinnace.examples.cli;

import dev.pinnace.Pinnace;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.Printable;
import dev.pinnace.event.Event;
import dev.pinnace.event.Event.Action;
import dev.pinnace.event.EventFilter;
import java.io.FileDescriptor;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "events",
    description = {
      "Prints what happens to containers, images, volumes and networks.",
      "As it happens, and whoever does it: other processes, or a restart policy. It goes on until Ctrl-C, or until"
          + " --until."
    })
final class EventsCommand extends EngineCommand {
  private static final String EVENT = "event=";

  @Option(
      names = "--since",
      paramLabel = "TIME",
      description =
          "Also what happened since: 2026-01-31T12:00:00Z, seconds since 1970, or an age such as"
              + " 10m.")
  private Optional<String> since = Optional.empty();

  @Option(
      names = "--until",
      paramLabel = "TIME",
      description = "End there, written as for --since.")
  private Optional<String> until = Optional.empty();

  @Option(
      names = {"-f", "--filter"},
      paramLabel = "NAME=VALUE",
      description =
          "event, type, container, image, volume, network or label; of several any, of labels all.")
  private List<String> filters = new ArrayList<>();

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = "json, or text with {{.Action}}, {{.Actor.ID}}, {{.Actor.Attributes.name}} ...")
  private Optional<String> format = Optional.empty();

  @Override
  boolean follows() {
    return true;
  }

  @Override
  int execute(Pinnace pinnace) {
    EventFilter filter = filter(Instant.now());
    try (Stream<Event> events = pinnace.events(filter)) {
      events.filter(this::isWanted).forEach(event -> write(text(event)));
    }
    return OK;
  }

  private static void write(String line) {
    Streams.write(FileDescriptor.out, (line + "\n").getBytes(StandardCharsets.UTF_8));
  }

  private String text(Event event) {
    if (format.isEmpty() || format.get().isEmpty()) {
      return Printable.line(EventDocument.line(event));
    }
    boolean json = format.get().equals("json") || format.get().equals("{{json .}}");
    return json
        ? Template.json(EventDocument.json(event))
        : Template.render(format.get(), EventDocument.fields(event), Printable::line);
  }

  /** As Docker has it: "health_status" is any health, "health_status: healthy" that one. */
  boolean isWanted(Event event) {
    List<String> wanted =
        filters.stream()
            .filter(filter -> filter.startsWith(EVENT))
            .map(filter -> filter.substring(EVENT.length()))
            .toList();
    return wanted.isEmpty()
        || wanted.contains(event.action().word())
        || wanted.contains(EventDocument.action(event));
  }

  EventFilter filter(Instant now) {
    EventFilter filter = EventFilter.all();
    if (since.isPresent()) {
      filter = filter.since(Times.parse("--since", since.get(), now));
    }
    if (until.isPresent()) {
      filter = filter.until(Times.parse("--until", until.get(), now));
    }
    for (String text : filters) {
      filter = with(filter, text);
    }
    return filter;
  }

  private static EventFilter with(EventFilter filter, String text) {
    String[] sides = text.split("=", 2);
    if (sides.length != 2) {
      throw new InvalidSpecException("--filter " + text + ": write NAME=VALUE");
    }
    String value = sides[1];
    return switch (sides[0]) {
      case "event" -> {
        EventFilter more = filter;
        for (Action action : actions(text, value)) {
          more = more.action(action);
        }
        yield more;
      }
      case "container" -> filter.container(value);
      case "image" -> filter.image(value);
      case "volume" -> filter.volume(value);
      case "network" -> filter.network(value);
      case "label" -> {
        String[] label = value.split("=", 2);
        yield filter.label(label[0], label.length == 2 ? label[1] : "");
      }
      case "type" -> filter.type(type(text, value));
      default ->
          throw new InvalidSpecException(
              "--filter "
                  + text
                  + " is not known: use event, container, image, label, network, type or volume");
    };
  }

  private static boolean saysMore(Action action, String word) {
    return (action == Action.HEALTH_STATUS || action == Action.EXEC_START)
        && word.startsWith(action.word() + ": ");
  }

  private static Event.Type type(String filter, String word) {
    return Arrays.stream(Event.Type.values())
        .filter(type -> type.word().equals(word))
        .findFirst()
        .orElseThrow(
            () ->
                new InvalidSpecException(
                    "--filter "
                        + filter
                        + ": there are events of types container, image, network and volume"));
  }

  /** Containers and volumes have some words in common. */
  private static List<Action> actions(String filter, String word) {
    List<Action> actions =
        Arrays.stream(Action.values())
            .filter(action -> action.word().equals(word) || saysMore(action, word))
            .toList();
    if (actions.isEmpty()) {
      throw new InvalidSpecException(
          "--filter "
              + filter
              + ": there is no such event; there are "
              + Arrays.stream(Action.values())
                  .map(Action::word)
                  .distinct()
                  .collect(Collectors.joining(", ")));
    }
    return actions;
  }
}
