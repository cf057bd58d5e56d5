package dev.pinnace.internal.state;

import dev.pinnace.spec.PortBinding;
import dev.pinnace.spec.PortMapping;
import java.util.List;

/**
 * A port that is published.
 *
 * @param wanted as it was asked for
 * @param bindings the host's ports that lead to it, one for each address
 */
public record PublishedPort(PortMapping wanted, List<PortBinding> bindings) {
  public PublishedPort {
    bindings = List.copyOf(bindings);
  }
}
