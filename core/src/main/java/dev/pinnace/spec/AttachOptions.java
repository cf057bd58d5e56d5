package dev.pinnace.spec;

import java.io.InputStream;
import java.util.Objects;
import java.util.Optional;

/**
 * How somebody is attached to a container, or to a program in it. Immutable; {@link #DEFAULTS}
 * sends nothing and leaves the terminal's size as it is.
 *
 * @param stdin what the container reads; a thread of the engine reads it, no faster than the
 *     container does. It is not closed; its end is not the container's, unless that was made with
 *     {@link ContainerSpecBuilder#stdinOnce}
 * @param size of the terminal, set before anything else happens; without a terminal it makes no
 *     difference
 */
public record AttachOptions(Optional<InputStream> stdin, Optional<TerminalSize> size) {
  /** Output only. */
  public static final AttachOptions DEFAULTS =
      new AttachOptions(Optional.empty(), Optional.empty());

  public AttachOptions {
    Objects.requireNonNull(stdin, "stdin");
    Objects.requireNonNull(size, "size");
  }

  /** The same, and what {@code stream} has is read by the container. */
  public AttachOptions withStdin(InputStream stream) {
    return new AttachOptions(Optional.of(Objects.requireNonNull(stream, "stream")), size);
  }

  /** The same, and the terminal gets that size. */
  public AttachOptions withSize(TerminalSize newSize) {
    return new AttachOptions(stdin, Optional.of(Objects.requireNonNull(newSize, "newSize")));
  }
}
