package dev.pinnace.internal.state;

import dev.pinnace.internal.json.RecordJson;
import java.io.IOException;
import java.util.List;

/**
 * What the relay has of a container that runs, which holds it. Written once it does; so without it
 * nobody knows what the relay has.
 *
 * @param ports that it leads to the container
 */
public record LedPorts(List<Led> ports) {
  public LedPorts {
    ports = List.copyOf(ports);
  }

  /**
   * A port.
   *
   * @param publication the relay's number of it
   * @param target the container's port
   */
  public record Led(int publication, int target) {}

  byte[] encode() {
    return RecordJson.encode(this);
  }

  /**
   * What was written.
   *
   * @throws IllegalArgumentException if it is damaged
   */
  static LedPorts decode(byte[] bytes) {
    try {
      return RecordJson.decode(bytes, LedPorts.class);
    } catch (IOException | RuntimeException e) {
      throw new IllegalArgumentException("damaged: " + e.getMessage(), e);
    }
  }
}
