package dev.pinnace.internal.engine;

import dev.pinnace.Pinnace;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** An open engine. */
public final class Engine {
  private Engine() {}

  public static Pinnace open(
      Optional<Path> root, Optional<Path> run, Optional<String> storage, Duration closeTimeout) {
    throw new IllegalStateException(root + " " + run + storage + closeTimeout);
  }
}
