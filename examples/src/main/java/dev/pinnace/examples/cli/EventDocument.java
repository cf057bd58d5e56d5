package dev.pinnace.examples.cli;

import dev.pinnace.event.Event;
import dev.pinnace.event.Event.Action;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** An event by the names that Docker has for what is in it. */
final class EventDocument {
  private static final DateTimeFormatter AT =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSSSSXXX");

  private EventDocument() {}

  /** One line: the time, what happened to what, and what else there is to say. */
  static String line(Event event) {
    return AT.format(event.time().atZone(ZoneId.systemDefault()))
        + " "
        + event.type().word()
        + " "
        + action(event)
        + " "
        + event.actor()
        + " ("
        + attributes(event).entrySet().stream()
            .map(entry -> entry.getKey() + "=" + entry.getValue())
            .collect(Collectors.joining(", "))
        + ")";
  }

  /** As the API of Docker has it, which is what it prints as JSON. */
  static Map<String, Object> json(Event event) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("status", action(event));
    json.put("id", event.actor());
    if (event.type() == Event.Type.CONTAINER) {
      json.put("from", event.image());
    }
    json.put("Type", event.type().word());
    json.put("Action", action(event));
    json.put("Actor", Map.of("ID", event.actor(), "Attributes", attributes(event)));
    json.put("scope", "local");
    json.put("time", event.time().getEpochSecond());
    json.put("timeNano", ChronoUnit.NANOS.between(Instant.EPOCH, event.time()));
    return json;
  }

  /** By the names that its templates have, which begin with a capital letter. */
  static Map<String, Object> fields(Event event) {
    Map<String, Object> json = json(event);
    Map<String, Object> fields = new TreeMap<>();
    json.forEach(
        (name, value) ->
            fields.put(
                name.equals("id")
                    ? "ID"
                    : Character.toUpperCase(name.charAt(0)) + name.substring(1),
                value));
    return fields;
  }

  /** What happened, in Docker's words, with what is part of them. */
  static String action(Event event) {
    String command = event.details().getOrDefault("command", "");
    boolean exec = event.action() == Action.EXEC_START;
    String health = event.details().get("healthStatus");
    return event.action().word()
        + (exec ? ": " + command : "")
        + (health == null ? "" : ": " + health);
  }

  private static Map<String, String> attributes(Event event) {
    Map<String, String> attributes = new TreeMap<>(event.labels());
    attributes.putAll(event.details());
    attributes.remove("healthStatus"); // it is in the action
    if (event.type() == Event.Type.CONTAINER) {
      attributes.put("image", event.image());
    }
    attributes.put("name", event.name());
    return attributes;
  }
}
