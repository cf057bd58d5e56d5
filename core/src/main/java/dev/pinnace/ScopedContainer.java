package dev.pinnace;

/** A container that goes with a try-with-resources block. Thread-safe. */
public interface ScopedContainer extends Container, AutoCloseable {
  /**
   * Kills the container and removes it, also on a thread that is interrupted, whose flag is kept.
   * Closing twice does nothing.
   */
  @Override
  void close();
}
