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
import java.util.function.Predicate;

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

  /**
   * Lines of a log.
   *
   * @param prompt which need not be finished to count
   */
  static ReadyCondition lines(
      Ready.LogLines wanted, Function<Consumer<LogLine>, Subscription> follow, Prompt prompt) {
    Predicate<String> counts = line -> wanted.pattern().matcher(line).find();
    AtomicInteger seen = new AtomicInteger();
    Subscription subscription =
        follow.apply(
            line -> {
              if (counts.test(line.text())) {
                seen.incrementAndGet();
              }
            });
    return new ReadyCondition() {
      @Override
      public boolean holds() {
        if (seen.get() < wanted.times()) {
          boolean unused = subscription.await(Duration.ZERO); // throws what has ended it
        }
        int missing = wanted.times() - seen.get();
        return missing <= 0 || prompt.lines().stream().filter(counts).count() >= missing;
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
