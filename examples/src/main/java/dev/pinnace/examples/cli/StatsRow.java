package dev.pinnace.examples.cli;

import dev.pinnace.Container;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.Stats;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** A line of {@code stats}, by Docker's field names. What is not counted is {@code --}. */
final class StatsRow {
  static final Listing ROWS =
      new Listing(
          Map.of(
              "Container", "CONTAINER",
              "ID", "CONTAINER ID",
              "Name", "NAME",
              "CPUPerc", "CPU %",
              "MemUsage", "MEM USAGE / LIMIT",
              "MemPerc", "MEM %",
              "NetIO", "NET I/O",
              "BlockIO", "BLOCK I/O",
              "PIDs", "PIDS"),
          List.of("ID", "Name", "CPUPerc", "MemUsage", "MemPerc", "NetIO", "BlockIO", "PIDs"));

  private static final String UNKNOWN = "--";

  private StatsRow() {}

  /**
   * The line.
   *
   * @param asked how the user calls the container
   * @param earlier what it used before; empty when it is looked at for the first time
   * @param now empty if it does not run
   */
  static Map<String, String> of(
      String asked,
      Container container,
      boolean whole,
      Optional<Stats> earlier,
      Optional<Stats> now) {
    Map<String, String> row = new LinkedHashMap<>();
    row.put("Container", asked);
    row.put("ID", whole ? container.id().hex() : container.id().shortHex());
    row.put("Name", container.name());
    row.put(
        "CPUPerc",
        earlier.isPresent() && now.isPresent()
            ? percent(OptionalDouble.of(now.get().cpuPercentSince(earlier.get())))
            : UNKNOWN);
    row.put(
        "MemUsage",
        pair(now.flatMap(Stats::memory), now.flatMap(Stats::memoryLimit), Sizes::binary));
    row.put("MemPerc", percent(now.map(Stats::memoryPercent).orElse(OptionalDouble.empty())));
    row.put(
        "NetIO",
        pair(now.flatMap(Stats::bytesReceived), now.flatMap(Stats::bytesSent), Sizes::brief));
    row.put(
        "BlockIO",
        pair(now.flatMap(Stats::bytesRead), now.flatMap(Stats::bytesWritten), Sizes::brief));
    row.put(
        "PIDs",
        now.filter(stats -> stats.pids().isPresent())
            .map(stats -> Long.toString(stats.pids().getAsLong()))
            .orElse(UNKNOWN));
    return row;
  }

  private static String percent(OptionalDouble value) {
    return value.isPresent() ? String.format(Locale.ROOT, "%.2f%%", value.getAsDouble()) : UNKNOWN;
  }

  private interface Shown {
    String of(Bytes size);
  }

  private static String pair(Optional<Bytes> one, Optional<Bytes> other, Shown shown) {
    return one.isPresent() && other.isPresent()
        ? shown.of(one.get()) + " / " + shown.of(other.get())
        : UNKNOWN;
  }
}
