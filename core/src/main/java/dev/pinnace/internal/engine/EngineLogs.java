package dev.pinnace.internal.engine;

import dev.pinnace.Logs;
import dev.pinnace.Subscription;
import dev.pinnace.error.CorruptException;
import dev.pinnace.internal.container.LogReader;
import dev.pinnace.internal.state.ContainerRecord;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.ContainerState;
import dev.pinnace.spec.ContainerStatus;
import dev.pinnace.spec.LogLine;
import dev.pinnace.spec.LogQuery;
import dev.pinnace.spi.isolation.ContainerPlace;
import dev.pinnace.spi.isolation.ExitRecord;
import dev.pinnace.spi.isolation.IsolationBackend;
import dev.pinnace.spi.isolation.RunningContainer;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A container's logs. */
final class EngineLogs implements Logs {
  private static final Logger LOG = LoggerFactory.getLogger(EngineLogs.class);

  private final Services services;
  private final ContainerId id;
  private final String name;

  EngineLogs(Services services, ContainerId id, String name) {
    this.services = services;
    this.id = id;
    this.name = name;
  }

  private ContainerPlace place() {
    return services.lookup().place(services.lookup().record(id));
  }

  private Path directory() {
    return place().logs();
  }

  @Override
  public List<LogLine> read(LogQuery query) {
    Objects.requireNonNull(query, "query");
    return services
        .calls()
        .of(
            () -> {
              List<LogLine> lines = LogReader.read(directory(), query, this::warn);
              exitRecord()
                  .flatMap(LostOutput::note)
                  .filter(query::matches)
                  .ifPresent(note -> addLast(lines, note, query));
              return lines;
            });
  }

  private static void addLast(List<LogLine> lines, LogLine line, LogQuery query) {
    lines.add(line);
    if (lines.size() > query.tail().orElse(Integer.MAX_VALUE)) {
      lines.remove(0);
    }
  }

  /** How it ended, as far as is known: empty while it runs. */
  private Optional<ExitRecord> exitRecord() {
    Optional<RunningContainer> connected = services.live().connected(id);
    if (connected.isPresent()) {
      return LostOutput.known(connected.get().exit());
    }
    IsolationBackend isolation = services.parts().isolation();
    ContainerPlace place = place();
    try {
      Optional<ExitRecord> written = isolation.exitRecord(place);
      return written.isPresent() || isolation.isAlive(place)
          ? written
          : services.live().ended(id).flatMap(record -> record);
    } catch (CorruptException damaged) {
      LOG.debug("what the log of container {} lacks is not known", id.shortHex(), damaged);
      return Optional.empty();
    }
  }

  /** While it runs its log may be in the making; what is not kept is nobody's loss. */
  private void warn(String damage) {
    ContainerRecord record = services.lookup().record(id);
    if (record.spec().lifecycle().log().bytesPerFile().equals(Bytes.ZERO)) {
      return;
    }
    ContainerState state = services.states().of(record);
    if (state.status() == ContainerStatus.EXITED) {
      LOG.warn("the log of container {} is not whole: {}", state.name(), damage);
    }
  }

  @Override
  public String text() {
    return services.calls().of(() -> LogReader.text(directory()));
  }

  @Override
  public Subscription follow(LogQuery query, Consumer<? super LogLine> consumer) {
    Objects.requireNonNull(query, "query");
    Objects.requireNonNull(consumer, "consumer");
    return services
        .calls()
        .of(
            () ->
                LogSubscription.start(
                    name,
                    directory(),
                    services.connection(id),
                    query,
                    consumer,
                    this::warn,
                    this::exitRecord,
                    services.parts().work()));
  }

  @Override
  public String toString() {
    return "log of container " + name + " (" + id.shortHex() + ")";
  }
}
