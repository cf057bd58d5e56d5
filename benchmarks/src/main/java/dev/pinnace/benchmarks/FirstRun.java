package dev.pinnace.benchmarks;

import dev.pinnace.Pinnace;
import dev.pinnace.spec.ContainerSpec;
import java.nio.file.Path;

/** The whole program that {@link ColdStart} starts: opens an engine and runs one container. */
final class FirstRun {
  private FirstRun() {}

  /** Arguments: root directory, run directory, image. */
  public static void main(String... arguments) {
    try (Pinnace engine =
        Pinnace.builder().root(Path.of(arguments[0])).runDirectory(Path.of(arguments[1])).open()) {
      Check.exitCode(
          engine.containers().run(ContainerSpec.image(arguments[2]).command("true")).exitCode(),
          "true");
      System.out.println("exited");
      System.out.flush();
    }
  }
}
