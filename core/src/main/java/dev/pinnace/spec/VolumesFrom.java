package dev.pinnace.spec;

import dev.pinnace.error.InvalidSpecException;
import java.util.Objects;

/**
 * A container whose volumes and binds another one has in the same places. Immutable.
 *
 * @param container its name or id, or the beginning of that
 * @param readOnly whether they are read-only there; those that are read-only already stay so
 */
public record VolumesFrom(String container, boolean readOnly) {
  public VolumesFrom {
    Objects.requireNonNull(container, "container");
    if (container.isEmpty()) {
      throw new InvalidSpecException("volumes of no container: give a name or an id");
    }
    Checks.noNul("the container whose volumes are wanted", container);
  }
}
