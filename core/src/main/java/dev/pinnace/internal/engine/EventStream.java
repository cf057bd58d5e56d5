package dev.pinnace.internal.engine;

import dev.pinnace.event.Event;
import dev.pinnace.event.EventFilter;
import dev.pinnace.internal.event.EventLog;
import java.time.Duration;
import java.util.Optional;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Events for whoever asks for the next one, on the thread that asks. */
final class EventStream extends Spliterators.AbstractSpliterator<Event> {
  private static final Duration LOOK = Duration.ofMillis(500);

  private final EventFollower follower;
  private final Calls calls;

  private EventStream(EventFollower follower, Calls calls) {
    super(Long.MAX_VALUE, Spliterator.ORDERED | Spliterator.NONNULL);
    this.follower = follower;
    this.calls = calls;
  }

  static Stream<Event> of(EventLog log, EventFilter filter, Calls calls) {
    EventFollower follower = EventFollower.of(log, filter);
    return StreamSupport.stream(new EventStream(follower, calls), false).onClose(follower::close);
  }

  @Override
  public boolean tryAdvance(Consumer<? super Event> action) {
    Optional<Event> next = follower.next(LOOK);
    while (next.isEmpty() && !follower.isOver()) {
      calls.ensureOpen();
      next = follower.next(LOOK);
    }
    next.ifPresent(action);
    return next.isPresent();
  }
}
