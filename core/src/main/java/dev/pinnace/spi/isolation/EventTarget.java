package dev.pinnace.spi.isolation;

import java.nio.file.Path;
import java.util.Objects;

/**
 * Where each start and each end of a container is told, also while no engine is open
 * (docs/formats.md, <i>Events</i>).
 *
 * @param directory in which the file {@code current} is appended to
 * @param text what is said of the container, in JSON
 */
public record EventTarget(Path directory, String text) {
  public EventTarget {
    Objects.requireNonNull(directory, "directory");
    Objects.requireNonNull(text, "text");
  }
}
