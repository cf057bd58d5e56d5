package dev.pinnace.examples.cli;

import dev.pinnace.Container;
import dev.pinnace.Image;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.ContainerState;
import dev.pinnace.spec.ExitStatus;
import dev.pinnace.spec.Health;
import dev.pinnace.spec.Mount;
import dev.pinnace.spec.NamespaceSpec;
import dev.pinnace.spec.NetworkAttachment;
import dev.pinnace.spec.VolumeSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A line of {@code ps}, by Docker's field names. */
final class ContainerRow {
  private static final Map<String, String> TITLES =
      Map.ofEntries(
          Map.entry("ID", "CONTAINER ID"),
          Map.entry("Image", "IMAGE"),
          Map.entry("Command", "COMMAND"),
          Map.entry("CreatedAt", "CREATED AT"),
          Map.entry("RunningFor", "CREATED"),
          Map.entry("State", "STATE"),
          Map.entry("Status", "STATUS"),
          Map.entry("Ports", "PORTS"),
          Map.entry("Names", "NAMES"),
          Map.entry("Labels", "LABELS"),
          Map.entry("Mounts", "MOUNTS"),
          Map.entry("LocalVolumes", "LOCAL VOLUMES"),
          Map.entry("Networks", "NETWORKS"),
          Map.entry("Size", "SIZE"));

  private static final List<String> COLUMNS =
      List.of("ID", "Image", "Command", "RunningFor", "Status", "Ports", "Names");

  static final Listing ROWS = new Listing(TITLES, COLUMNS);

  static final Listing ROWS_WITH_SIZES =
      new Listing(TITLES, Stream.concat(COLUMNS.stream(), Stream.of("Size")).toList());

  private static final int SHORT_MOUNT = 15;
  private static final int SHORT_COMMAND = 20;

  private ContainerRow() {}

  static Map<String, Object> of(
      ContainerState state, Optional<Image> image, boolean whole, Instant now) {
    Map<String, Object> row = new LinkedHashMap<>();
    String command = String.join(" ", Program.of(state.spec().process(), image).arguments());
    row.put("ID", whole ? state.id().hex() : state.id().shortHex());
    row.put("Image", state.spec().image());
    row.put("Command", "\"" + shortened(command, whole ? Integer.MAX_VALUE : SHORT_COMMAND) + "\"");
    row.put("CreatedAt", Times.at(state.created()));
    row.put("RunningFor", Times.ago(state.created(), now));
    row.put("State", state.status().word());
    row.put("Status", status(state, now));
    row.put("Ports", ShownPorts.column(state, image));
    row.put("Names", state.name());
    row.put("Labels", new RowLabels(state.spec().labels()));
    row.put(
        "Mounts",
        state.mounts().stream()
            .flatMap(mount -> named(mount).stream())
            .map(name -> shortened(name, whole ? Integer.MAX_VALUE : SHORT_MOUNT))
            .collect(Collectors.joining(",")));
    row.put(
        "LocalVolumes",
        Long.toString(
            state.mounts().stream()
                .map(Mount::volume)
                .flatMap(Optional::stream)
                .filter(volume -> volume.driver().equals(VolumeSpec.LOCAL))
                .count()));
    NamespaceSpec namespaces = state.spec().namespaces();
    row.put("Networks", namespaces.networkOf().isPresent() ? "" : networks(namespaces));
    return row;
  }

  private static String networks(NamespaceSpec namespaces) {
    return namespaces.networks().isEmpty()
        ? namespaces.network().name().toLowerCase(Locale.ROOT)
        : namespaces.networks().stream()
            .map(NetworkAttachment::network)
            .collect(Collectors.joining(","));
  }

  /**
   * What a container takes, as Docker writes it.
   *
   * @param written by it
   * @param image of its image; empty where nobody knows
   */
  static String size(Bytes written, Optional<Bytes> image) {
    return Sizes.brief(written)
        + image
            .map(size -> " (virtual " + Sizes.brief(Bytes.of(size.count() + written.count())) + ")")
            .orElse("");
  }

  private static Optional<String> named(Mount mount) {
    return mount.volume().flatMap(VolumeSpec::name).or(() -> mount.source().map(Object::toString));
  }

  private static String shortened(String text, int most) {
    return text.length() <= most ? text : text.substring(0, most - 1) + "…";
  }

  /** Of a container whose record cannot be read there are an id and a name, and no more. */
  static Map<String, Object> damaged(Container container, boolean whole) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("ID", whole ? container.id().hex() : container.id().shortHex());
    row.put("Image", "");
    row.put("Command", "");
    row.put("CreatedAt", "N/A");
    row.put("RunningFor", "N/A");
    row.put("State", "damaged");
    row.put("Status", "Damaged");
    row.put("Ports", "");
    row.put("Names", container.name());
    row.put("Labels", new RowLabels(Map.of()));
    row.put("Mounts", "");
    row.put("LocalVolumes", "");
    row.put("Networks", "");
    row.put("Size", "N/A");
    return row;
  }

  private static String status(ContainerState state, Instant now) {
    String up = "Up " + Times.span(Duration.between(state.started().orElse(state.created()), now));
    return switch (state.status()) {
      case CREATED -> "Created";
      case RUNNING -> up + state.health().map(ContainerRow::health).orElse("");
      case PAUSED -> up + " (Paused)";
      case RESTARTING -> state.exit().map(e -> ended("Restarting", e, now)).orElse("Restarting");
      case EXITED -> state.exit().map(e -> ended("Exited", e, now)).orElse("Exited");
    };
  }

  private static String health(Health health) {
    String starting = health.status() == Health.Status.STARTING ? "health: " : "";
    return " (" + starting + health.status().word() + ")";
  }

  private static String ended(String word, ExitStatus exit, Instant now) {
    return word
        + " ("
        + (exit.isKnown() ? Integer.toString(exit.code()) : "unknown")
        + ")"
        + exit.finished().map(at -> " " + Times.ago(at, now)).orElse("");
  }
}
