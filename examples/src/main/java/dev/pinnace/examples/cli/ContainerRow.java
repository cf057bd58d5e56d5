package dev.pinnace.examples.cli;

import dev.pinnace.Container;
import dev.pinnace.Image;
import dev.pinnace.spec.ContainerState;
import dev.pinnace.spec.ExitStatus;
import dev.pinnace.spec.Health;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** A line of {@code ps}, by Docker's field names. */
final class ContainerRow {
  static final Listing ROWS =
      new Listing(
          Map.of(
              "ID", "CONTAINER ID",
              "Image", "IMAGE",
              "Command", "COMMAND",
              "CreatedAt", "CREATED AT",
              "RunningFor", "CREATED",
              "State", "STATE",
              "Status", "STATUS",
              "Ports", "PORTS",
              "Names", "NAMES",
              "Labels", "LABELS"),
          List.of("ID", "Image", "Command", "RunningFor", "Status", "Names"));

  private static final int SHORT_COMMAND = 20;

  private ContainerRow() {}

  static Map<String, String> of(
      ContainerState state, Optional<Image> image, boolean whole, Instant now) {
    Map<String, String> row = new LinkedHashMap<>();
    String command = String.join(" ", Program.of(state.spec().process(), image).arguments());
    row.put("ID", whole ? state.id().hex() : state.id().shortHex());
    row.put("Image", state.spec().image());
    row.put(
        "Command",
        "\""
            + (whole || command.length() <= SHORT_COMMAND
                ? command
                : command.substring(0, SHORT_COMMAND - 1) + "…")
            + "\"");
    row.put("CreatedAt", Times.at(state.created()));
    row.put("RunningFor", Times.ago(state.created(), now));
    row.put("State", state.status().word());
    row.put("Status", status(state, now));
    row.put("Ports", "");
    row.put("Names", state.name());
    row.put(
        "Labels",
        state.spec().labels().entrySet().stream()
            .map(label -> label.getKey() + "=" + label.getValue())
            .collect(Collectors.joining(",")));
    return row;
  }

  /** Of a container whose record cannot be read there are an id and a name, and no more. */
  static Map<String, String> damaged(Container container, boolean whole) {
    Map<String, String> row = new LinkedHashMap<>();
    row.put("ID", whole ? container.id().hex() : container.id().shortHex());
    row.put("Image", "");
    row.put("Command", "");
    row.put("CreatedAt", "N/A");
    row.put("RunningFor", "N/A");
    row.put("State", "damaged");
    row.put("Status", "Damaged");
    row.put("Ports", "");
    row.put("Names", container.name());
    row.put("Labels", "");
    return row;
  }

  private static String status(ContainerState state, Instant now) {
    String up = "Up " + Times.span(Duration.between(state.started().orElse(state.created()), now));
    return switch (state.status()) {
      case CREATED -> "Created";
      case RUNNING -> up + state.health().map(ContainerRow::health).orElse("");
      case PAUSED -> up + " (Paused)";
      case RESTARTING -> "Restarting" + state.exit().map(e -> " (" + e.code() + ")").orElse("");
      case EXITED -> state.exit().map(exit -> exited(exit, now)).orElse("Exited");
    };
  }

  private static String health(Health health) {
    String starting = health.status() == Health.Status.STARTING ? "health: " : "";
    return " (" + starting + health.status().word() + ")";
  }

  private static String exited(ExitStatus exit, Instant now) {
    return "Exited ("
        + (exit.isKnown() ? Integer.toString(exit.code()) : "unknown")
        + ")"
        + exit.finished().map(at -> " " + Times.ago(at, now)).orElse("");
  }
}
