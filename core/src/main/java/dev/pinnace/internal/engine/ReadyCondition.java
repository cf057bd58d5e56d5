package dev.pinnace.internal.engine;

import dev.pinnace.Subscription;
import dev.pinnace.spec.LogLine;
import dev.pinnace.spec.Ready;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;

/** Something that is waited for. For one thread. */
interface ReadyCondition extends AutoCloseable {
  /** Whether it holds, or has held. */
  boolean holds();

  /** The container has ended: nothing more is to come but what it had written. */
  default void settle() {}

  @Override
  default void close() {}

  /** All of them. */
  static ReadyCondition all(List<ReadyCondition> conditions) {
    List<ReadyCondition> missing = new ArrayList<>(conditions);
    return new ReadyCondition() {
      @Override
      public boolean holds() {
        for (ReadyCondition condition : List.copyOf(missing)) {
          if (condition.holds()) { // what a later one throws does not bring it back
            missing.remove(condition);
            condition.close();
          }
        }
        return missing.isEmpty();
      }

      @Override
      public void settle() {
        missing.forEach(ReadyCondition::settle);
      }

      @Override
      public void close() {
        Closing closing = new Closing();
        missing.forEach(condition -> closing.step(condition::close));
        closing.end();
      }
    };
  }

  /** Lines of a log. */
  static ReadyCondition lines(
      Ready.LogLines wanted, Function<Consumer<LogLine>, Subscription> follow) {
    AtomicInteger seen = new AtomicInteger();
    Subscription subscription =
        follow.apply(
            line -> {
              if (wanted.pattern().matcher(line.text()).find()) {
                seen.incrementAndGet();
              }
            });
    return new ReadyCondition() {
      @Override
      public boolean holds() {
        if (seen.get() < wanted.times()) {
          boolean unused = subscription.await(Duration.ZERO); // throws what has ended it
        }
        return seen.get() >= wanted.times();
      }

      @Override
      public void settle() {
        boolean unused = subscription.await(Duration.ofSeconds(2));
      }

      @Override
      public void close() {
        subscription.close();
      }
    };
  }
}
