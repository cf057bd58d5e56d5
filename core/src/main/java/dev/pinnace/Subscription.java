package dev.pinnace;

import java.time.Duration;

/** Calls of a consumer that go on until this is closed. Thread-safe. */
public interface Subscription extends AutoCloseable {
  /**
   * Waits until there is nothing more to come and the consumer has seen everything.
   *
   * @return false when that was not so within {@code limit}
   */
  boolean await(Duration limit);

  /**
   * Ends the calls; returns when none is under way, unless it is called from the consumer. Closing
   * twice does nothing.
   */
  @Override
  void close();
}
