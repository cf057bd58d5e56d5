package dev.pinnace.security;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.Pinnace;
import dev.pinnace.spec.ContainerSpec;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.RunResult;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** The probe, compiled once per JVM, and an image with it and a few programs of the host. */
final class Tools {
  private static final String IMAGE = "localhost/tools:1";
  private static final Path PROBE = compile();

  private Tools() {}

  /** The probe's path, on the host and in the image. */
  static String probe() {
    return PROBE.toString();
  }

  /** A container of the image, which is made if it is not there. */
  static ContainerSpecBuilder container(Pinnace pinnace, String... command) {
    if (pinnace.images().find(IMAGE).isEmpty()) {
      pinnace
          .images()
          .host("sh", "cat", "ls", "id", "mount", "sleep", "true", "stat", "mkdir", "touch", "find")
          .with(PROBE)
          .named(IMAGE)
          .build();
    }
    return ContainerSpec.image(IMAGE).command(command);
  }

  /** The output of a container, which must succeed. */
  static String output(Pinnace pinnace, ContainerSpecBuilder spec) {
    RunResult result = pinnace.containers().run(spec);
    assertThat(result.exitCode()).as(result.stdout() + result.stderr()).isZero();
    return result.stdout();
  }

  private static Path compile() {
    try {
      Path directory = Files.createTempDirectory("pinnace-probe");
      Path source = directory.resolve("probe.c");
      Path program = directory.resolve("probe");
      try (InputStream in =
          Objects.requireNonNull(Tools.class.getResourceAsStream("probe.c"), "probe.c")) {
        Files.copy(in, source);
      }
      Process gcc =
          new ProcessBuilder(
                  "gcc",
                  "-static",
                  "-O1",
                  "-Wall",
                  "-Werror",
                  "-o",
                  program.toString(),
                  source.toString())
              .inheritIO()
              .start();
      assertThat(gcc.waitFor()).isZero();
      Files.delete(source);
      directory.toFile().deleteOnExit();
      program.toFile().deleteOnExit();
      return program;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot compile the probe", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while compiling the probe", e);
    }
  }
}
