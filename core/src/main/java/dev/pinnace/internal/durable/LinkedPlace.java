package dev.pinnace.internal.durable;

import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where a file is, or would be, that somebody names by a link. */
final class LinkedPlace {
  private static final int MOST_LINKS = 40; // as of the kernel

  private LinkedPlace() {}

  /** Where the last of a chain of links leads, whether something is there or not; absolute. */
  static Path of(Path file) throws IOException {
    Path place = file.toAbsolutePath();
    for (int links = 0; Files.isSymbolicLink(place); links++) {
      if (links == MOST_LINKS) {
        throw new FileSystemLoopException(file.toString());
      }
      place = place.resolveSibling(Files.readSymbolicLink(place));
    }
    Path directory = place.resolveSibling("");
    return Files.exists(directory)
        ? directory.toRealPath().resolve(String.valueOf(place.getFileName()))
        : place;
  }
}
