package dev.pinnace.spec;

import java.util.Objects;
import java.util.Optional;

/**
 * How a directory of the host is bound, where that is not the usual way. Immutable.
 *
 * @param propagation of mounts between the host and the container; {@link Propagation#RPRIVATE} by
 *     default
 * @param nonRecursive whether what is mounted below the source is left out
 * @param writableBelow whether what is mounted below the source of a read-only bind stays as it is
 * @param owner on the host of what the container's root has there; nobody in particular by default
 */
public record BindOptions(
    Propagation propagation, boolean nonRecursive, boolean writableBelow, Optional<Owner> owner) {
  public BindOptions {
    Objects.requireNonNull(propagation, "propagation");
    Objects.requireNonNull(owner, "owner");
  }

  /** The usual way. */
  static final BindOptions DEFAULTS =
      new BindOptions(Propagation.RPRIVATE, false, false, Optional.empty());
}
