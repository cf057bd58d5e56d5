package dev.pinnace.internal.engine;

import dev.pinnace.Logs;
import dev.pinnace.Subscription;
import dev.pinnace.internal.container.LogReader;
import dev.pinnace.internal.state.ContainerRecord;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.ContainerState;
import dev.pinnace.spec.ContainerStatus;
import dev.pinnace.spec.LogLine;
import dev.pinnace.spec.LogQuery;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A container's logs. */
final class EngineLogs implements Logs {
  private static final Logger LOG = LoggerFactory.getLogger(EngineLogs.class);

  private final Services services;
  private final ContainerId id;

  EngineLogs(Services services, ContainerId id) {
    this.services = services;
    this.id = id;
  }

  private Path directory() {
    return services.open().lifecycle().place(services.open().lifecycle().record(id)).logs();
  }

  @Override
  public List<LogLine> read(LogQuery query) {
    return ApiCalls.of(() -> LogReader.read(directory(), query, this::warn));
  }

  /** While it runs its log may be in the making; what is not kept is nobody's loss. */
  private void warn(String damage) {
    ContainerRecord record = services.lifecycle().record(id);
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
    return ApiCalls.of(() -> LogReader.text(directory()));
  }

  @Override
  public Subscription follow(LogQuery query, Consumer<? super LogLine> consumer) {
    return ApiCalls.of(
        () ->
            LogSubscription.start(
                directory(),
                services.connection(id),
                query,
                consumer,
                this::warn,
                services.parts().work()));
  }
}
