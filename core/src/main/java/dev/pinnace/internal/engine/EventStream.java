package dev.pinnace.internal.engine;

import dev.pinnace.event.Event;
import dev.pinnace.event.EventFilter;
import java.util.Optional;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Events for whoever asks for the next one, on the thread that asks. */
final class EventStream extends Spliterators.AbstractSpliterator<Event> {
  private final EventFollower follower;
  private final Calls calls;

  private EventStream(EventFollower follower, Calls calls) {
    super(Long.MAX_VALUE, Spliterator.ORDERED | Spliterator.NONNULL);
    this.follower = follower;
    this.calls = calls;
  }

  static Stream<Event> of(Events events, EventFilter filter, Calls calls) {
    EventFollower follower = events.follow(filter);
    return StreamSupport.stream(new EventStream(follower, calls), false).onClose(follower::close);
  }

  @Override
  public boolean tryAdvance(Consumer<? super Event> action) {
    calls.ensureOpen();
    Optional<Event> next = follower.next();
    if (next.isEmpty()) {
      calls.ensureOpen(); // it may be why there is none
    }
    next.ifPresent(action);
    return next.isPresent();
  }
}
