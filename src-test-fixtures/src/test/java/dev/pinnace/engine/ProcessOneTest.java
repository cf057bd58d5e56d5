package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.internal.isolation.linux.LinuxProvider;
import dev.pinnace.spi.isolation.IsolationBackend;
import dev.pinnace.spi.isolation.IsolationOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A JVM that is process 1, as in a container: what loses its parent becomes its child. */
@Needs("root")
@Timeout(120)
class ProcessOneTest {
  @Test
  void probe_leavesNoZombie(@TempDir Path root) throws Exception {
    Process process =
        new ProcessBuilder(
                "unshare",
                "--pid",
                "--fork",
                "--mount-proc",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                root.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();
    assertThat(said).isEqualTo("process 1, zombies 0\n");
  }

  /** The other JVM. */
  static final class Main {
    private Main() {}

    public static void main(String[] arguments) throws IOException {
      IsolationOptions options = new IsolationOptions(Path.of(arguments[0]), "process-one");
      try (IsolationBackend linux = new LinuxProvider().open(options)) {
        if (linux.probe().isEmpty()) {
          throw new IllegalStateException("nothing was tried");
        }
        System.out.printf("process %d, zombies %d%n", ProcessHandle.current().pid(), zombies());
      }
    }

    private static long zombies() throws IOException {
      try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
        return processes
            .filter(p -> p.getFileName().toString().matches("\\d+"))
            .filter(p -> stat(p).contains(") Z "))
            .count();
      }
    }

    private static String stat(Path process) {
      try {
        return Files.readString(process.resolve("stat"));
      } catch (java.nio.file.NoSuchFileException gone) {
        return "";
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
