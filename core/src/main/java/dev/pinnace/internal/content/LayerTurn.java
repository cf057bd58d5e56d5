package dev.pinnace.internal.content;

/** The right to bring in one layer, {@code ingest/HEX.layer}; see {@link ContentStore#turn}. */
public final class LayerTurn implements AutoCloseable {
  static final String SUFFIX = ".layer";

  private final NamedLock lock;

  LayerTurn(NamedLock lock) {
    this.lock = lock;
  }

  /** Gives it to the next one. Closing twice does nothing. */
  @Override
  public synchronized void close() {
    try (lock) {
      if (lock.isOpen()) {
        lock.remove();
      }
    }
  }
}
