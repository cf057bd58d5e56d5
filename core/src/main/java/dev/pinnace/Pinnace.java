package dev.pinnace;

/** An engine over a root directory. */
public interface Pinnace extends AutoCloseable {
  @Override
  void close();
}
