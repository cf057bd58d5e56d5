package dev.pinnace.examples.cli;

import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.spec.ContainerFilter;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.Stats;
import java.io.FileDescriptor;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "stats",
    description = {
      "Shows what containers use, anew every second.",
      "Without names those that run. -- is what this host does not count. It goes on until Ctrl-C,"
          + " or until none of the containers named is there any more."
    })
final class StatsCommand extends EngineCommand {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final String FROM_THE_TOP = "\033[H\033[J";

  @Parameters(arity = "0..*", paramLabel = "CONTAINER", description = "Names or ids.")
  private List<String> containers = new ArrayList<>();

  @Option(
      names = {"-a", "--all"},
      description = "All containers, not only those that run.")
  private boolean all;

  @Option(names = "--no-stream", description = "Print what they use in one second, and end.")
  private boolean once;

  @Option(names = "--no-trunc", description = "Print whole ids.")
  private boolean whole;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = "json, table, or text with {{.Name}}, {{.CPUPerc}} ..., after table in columns")
  private Optional<String> format = Optional.empty();

  private Map<ContainerId, Stats> earlier = new HashMap<>();
  private boolean headed;

  @Override
  boolean follows() {
    return true;
  }

  @Override
  int execute(Pinnace pinnace) {
    for (String name : containers) {
      pinnace.containers().get(name); // throws where there is none
    }
    String unused = text(List.of()); // throws where the format is wrong
    boolean terminal = !once && Terminal.of(1).isPresent();
    long next = System.nanoTime();
    List<Map<String, String>> rows = rows(pinnace);
    while (containers.isEmpty() || !rows.isEmpty()) {
      next += SECOND;
      if (!slept(next - System.nanoTime())) {
        return OK;
      }
      rows = rows(pinnace);
      write(terminal ? FROM_THE_TOP + text(rows) : lines(rows));
      if (once) {
        return OK;
      }
    }
    return OK;
  }

  private static boolean slept(long nanos) {
    try {
      TimeUnit.NANOSECONDS.sleep(nanos);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private List<Map<String, String>> rows(Pinnace pinnace) {
    Map<ContainerId, Stats> read = new HashMap<>();
    List<Map<String, String>> rows = new ArrayList<>();
    found(pinnace)
        .forEach(
            (container, asked) -> {
              Optional<Stats> now = stats(container);
              now.ifPresent(stats -> read.put(container.id(), stats));
              if (now.isPresent() || all || !containers.isEmpty()) {
                Optional<Stats> before = Optional.ofNullable(earlier.get(container.id()));
                rows.add(StatsRow.of(asked, container, whole, before, now));
              }
            });
    earlier = read;
    return rows;
  }

  /** The containers to show, and how the user calls them. */
  private Map<Container, String> found(Pinnace pinnace) {
    Map<Container, String> found = new LinkedHashMap<>();
    for (String name : containers) {
      pinnace.containers().find(name).ifPresent(container -> found.put(container, name));
    }
    if (containers.isEmpty()) {
      pinnace
          .containers()
          .list(all ? ContainerFilter.all() : ContainerFilter.alive())
          .forEach(
              state ->
                  pinnace
                      .containers()
                      .find(state.id().hex())
                      .ifPresent(container -> found.put(container, state.id().shortHex())));
    }
    return found;
  }

  private static Optional<Stats> stats(Container container) {
    try {
      return Optional.of(container.stats());
    } catch (ConflictException | NotFoundException endedMeanwhile) {
      return Optional.empty();
    }
  }

  /** The rows as they are asked for, with the head of the table before the first ones. */
  private String lines(List<Map<String, String>> rows) {
    long known = headed ? text(List.of()).lines().count() : 0;
    headed = true;
    return text(rows).lines().skip(known).map(line -> line + "\n").collect(Collectors.joining());
  }

  private String text(List<Map<String, String>> rows) {
    StringWriter text = new StringWriter();
    try (PrintWriter out = new PrintWriter(text)) {
      StatsRow.ROWS.print(out, format, rows);
    }
    return text.toString();
  }

  private static void write(String text) {
    Streams.write(FileDescriptor.out, text.getBytes(StandardCharsets.UTF_8));
  }
}
