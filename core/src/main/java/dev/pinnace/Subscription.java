package dev.pinnace;

import java.time.Duration;

/**
 * Calls of a consumer that go on until there is nothing more to come, the consumer throws, or this
 * or its engine is closed. What a consumer throws is logged as a warning, and whoever {@linkplain
 * #await awaits} the end gets it. Thread-safe.
 */
public interface Subscription extends AutoCloseable {
  /**
   * Waits until there is nothing more to come and the consumer has seen everything, or until this
   * or its engine is closed.
   *
   * <p>A consumer that has thrown has not seen everything: then this throws the very same exception
   * or error, at every call, so that a failed assertion in a consumer fails the test that waits.
   *
   * @param limit the longest that is waited; a negative one is none
   * @return false when that was not so within {@code limit}
   * @throws dev.pinnace.error.PinnaceException if what is followed could not be read to its end
   * @throws dev.pinnace.error.CancelledException when interrupted
   */
  boolean await(Duration limit);

  /**
   * Ends the calls; returns when none is under way, unless it is called from the consumer, or one
   * goes on for ten seconds: that is the last one. Throws nothing of what the consumer threw.
   * Closing twice does nothing.
   *
   * @throws dev.pinnace.error.CancelledException when interrupted while a call is under way; the
   *     calls end all the same
   */
  @Override
  void close();
}
