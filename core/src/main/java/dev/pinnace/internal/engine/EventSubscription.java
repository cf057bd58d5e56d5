package dev.pinnace.internal.engine;

import dev.pinnace.event.Event;
import dev.pinnace.event.EventFilter;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/** Hands events on as they come. */
final class EventSubscription extends WorkSubscription<Event> {
  private final EventFollower follower;

  private EventSubscription(EventFollower follower, Consumer<? super Event> consumer) {
    super("events", consumer);
    this.follower = follower;
  }

  /** Begins: what happens after that is handed on. */
  static EventSubscription start(
      Events events, EventFilter filter, Consumer<? super Event> consumer, Executor executor) {
    EventFollower follower = events.follow(filter);
    try {
      EventSubscription subscription = new EventSubscription(follower, consumer);
      subscription.begin(executor, subscription::handOn);
      return subscription;
    } catch (RuntimeException | Error e) {
      follower.close();
      throw e;
    }
  }

  private void handOn() {
    Optional<Event> next = follower.next();
    while (next.isPresent() && !isClosed()) {
      consumer.accept(next.get());
      next = follower.next();
    }
  }

  @Override
  void wake() {
    follower.close();
  }

  @Override
  void over() {
    follower.close();
  }
}
