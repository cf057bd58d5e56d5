package dev.pinnace;

import dev.pinnace.spec.LogLine;
import dev.pinnace.spec.LogQuery;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * A container's output as it was kept. Where some of it could not be kept, as on a full disk, a
 * {@link LogLine.Source#NOTE} says so: in its place once there is room again, and with the sum of
 * the last run as the last line of a container that has ended. Thread-safe.
 */
public interface Logs {
  /** Everything that was kept. */
  default List<LogLine> read() {
    return read(LogQuery.all());
  }

  /** The lines that {@code query} asks for. A last line that is not finished is among them. */
  List<LogLine> read(LogQuery query);

  /** Everything that was kept as text, both streams as they came. */
  String text();

  /** Calls {@code consumer} for every line that was kept and every line to come. */
  default Subscription follow(Consumer<? super LogLine> consumer) {
    Objects.requireNonNull(consumer, "consumer");
    return follow(LogQuery.all(), consumer);
  }

  /**
   * Calls {@code consumer} for the lines that {@code query} asks for, then for every such line to
   * come, until the container has ended for good, the time {@link LogQuery#until} has come, or the
   * subscription is closed. One call at a time, on a thread of the engine; a consumer that is
   * slower than the container misses what rotation removes meanwhile, and nothing else; an
   * exception in it ends the subscription, and comes out of {@link Subscription#await}.
   *
   * <p>A line comes when it is finished, one without an end when the container has ended: whoever
   * waits for a prompt looks at {@link #text} meanwhile, or starts the container {@linkplain
   * Container#startAttached attached}.
   */
  Subscription follow(LogQuery query, Consumer<? super LogLine> consumer);
}
