package dev.pinnace.internal.network;

import dev.pinnace.linux.Fd;
import dev.pinnace.linux.net.NetworkNamespace;
import dev.pinnace.linux.net.relay.RelayClient;
import java.util.function.Supplier;

/** A router that is seen, and lasts no longer for that. Thread-safe. */
public final class RouterView implements AutoCloseable {
  private final RelayClient relay;

  RouterView(RelayClient relay) {
    this.relay = relay;
  }

  /**
   * What {@code work} makes on a thread in the router; sockets of it keep the namespace, and so are
   * to be closed when this {@link #hasEnded}.
   */
  public <T> T inside(Supplier<T> work) {
    try (Fd namespace = relay.networkNamespace()) {
      return NetworkNamespace.in(namespace, work);
    }
  }

  /** Whether the router has gone. */
  public boolean hasEnded() {
    return relay.hasEnded();
  }

  @Override
  public void close() {
    relay.close();
  }
}
