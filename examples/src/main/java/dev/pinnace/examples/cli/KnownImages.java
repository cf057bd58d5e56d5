package dev.pinnace.examples.cli;

import dev.pinnace.Image;
import dev.pinnace.Pinnace;
import dev.pinnace.error.CorruptException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.spec.ContainerState;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/** The images of containers that are shown: a damaged one hides no container. */
final class KnownImages {
  private final Pinnace pinnace;
  private final Set<String> damage = new LinkedHashSet<>();

  KnownImages(Pinnace pinnace) {
    this.pinnace = pinnace;
  }

  /** The image of a container; empty if it is gone or cannot be read. */
  Optional<Image> of(ContainerState container) {
    try {
      return pinnace.images().find(container.imageId().toString());
    } catch (CorruptException | NotFoundException e) {
      damage.add(String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  /** What could not be read, and why. */
  Set<String> damage() {
    return damage;
  }
}
