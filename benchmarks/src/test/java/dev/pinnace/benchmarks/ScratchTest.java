package dev.pinnace.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A benchmark that is interrupted leaves nothing on the disk, and nothing in memory. */
class ScratchTest {
  @TempDir private Path parent;

  @Test
  void interrupted_leavesNoFiles() throws Exception {
    Process benchmark =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dpinnace.benchmark.directory=" + parent,
                "-cp",
                System.getProperty("java.class.path"),
                Endless.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader out = benchmark.inputReader()) {
      Path run = Path.of(out.readLine());
      assertThat(run).isNotEmptyDirectory();
      assertThat(files()).hasSize(1);
      new ProcessBuilder("kill", "-INT", benchmark.pid() + "").inheritIO().start().waitFor();
      assertThat(benchmark.waitFor(1, TimeUnit.MINUTES)).isTrue();
      assertThat(files()).isEmpty();
      assertThat(run).doesNotExist();
    } finally {
      benchmark.destroyForcibly();
    }
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(parent)) {
      return files.toList();
    }
  }

  /** Fills its directories, says where the one in memory is, and goes on for ever. */
  static final class Endless {
    private Endless() {}

    public static void main(String... arguments) throws Exception {
      Scratch scratch = Scratch.make();
      Files.createDirectories(scratch.root().resolve("a/b"));
      Files.writeString(scratch.directory("more").resolve("file"), "x");
      Files.writeString(scratch.runDirectory("more").resolve("file"), "x");
      System.out.println(scratch.run());
      System.out.flush();
      Thread.sleep(Long.MAX_VALUE);
    }
  }
}
