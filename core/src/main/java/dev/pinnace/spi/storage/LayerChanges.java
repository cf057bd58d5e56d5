package dev.pinnace.spi.storage;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Where to find what a container changed, against the image below it. */
public sealed interface LayerChanges {
  /**
   * Only what changed is in {@code upper}, deletions by their marks.
   *
   * @param upper what the container wrote; read it without writing
   * @param below the layers under it, top first
   * @param whiteouts how deletions are marked; never {@link Whiteouts#REMOVE}
   */
  record Upper(Path upper, List<Path> below, Whiteouts whiteouts) implements LayerChanges {
    public Upper {
      below = List.copyOf(below);
    }
  }

  /**
   * Everything is in {@code tree}; what changed comes from comparing.
   *
   * @param tree all files of the container
   * @param base what it started from; empty where it started from nothing
   */
  record Full(Path tree, Optional<Path> base) implements LayerChanges {}
}
