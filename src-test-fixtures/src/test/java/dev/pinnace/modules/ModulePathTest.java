package dev.pinnace.modules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.fixtures.needs.Needs;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A small application module that requires Pinnace's public module and opens nothing to it. */
@Needs("root")
@Timeout(300)
class ModulePathTest {
  private static final Path JDKS = Path.of("/usr/lib/jvm");

  /** What Pinnace needs at run time; the rest of the class path is the tests'. */
  private static final Pattern NEEDED =
      Pattern.compile(
          ".*/(core|linux-natives)/target/[^/]*"
              + "|.*/(jna|jackson-[a-z0-9]+|jackson-datatype-[a-z0-9]+|guava|failureaccess"
              + "|commons-[a-z0-9]+|dnsjava|zstd-jni|xz|slf4j-api|slf4j-simple|jspecify)-[0-9][^/]*\\.jar");

  private static final String MODULE =
      """
      module tiny {
        requires dev.pinnace;

        uses dev.pinnace.spi.storage.StorageDriverProvider;
      }
      """;

  private static final String MAIN =
      """
      package tiny;

      import dev.pinnace.Pinnace;
      import dev.pinnace.spec.ContainerSpec;
      import dev.pinnace.spi.storage.StorageDriverProvider;
      import java.nio.file.Path;
      import java.util.ServiceLoader;

      public final class Main {
        public static void main(String[] arguments) {
          System.out.println("module " + Pinnace.class.getModule().getName());
          for (StorageDriverProvider found : ServiceLoader.load(StorageDriverProvider.class)) {
            System.out.println("driver " + found.name());
          }
          try (Pinnace pinnace =
              Pinnace.builder()
                  .root(Path.of(arguments[0], "root"))
                  .runDirectory(Path.of(arguments[0], "run"))
                  .open()) {
            System.out.println("version " + pinnace.info().version());
            System.out.println("isolation " + pinnace.info().isolation());
            pinnace.images().fromHost("echo");
            System.out.print(
                pinnace
                    .containers()
                    .run(ContainerSpec.image("localhost/host").command("echo", "from a container"))
                    .stdout());
          }
        }
      }
      """;

  @TempDir private Path directory;

  private static String modulePath() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
        .filter(entry -> NEEDED.matcher(entry).matches())
        .collect(Collectors.joining(File.pathSeparator));
  }

  @BeforeEach
  void compile() throws IOException {
    Path sources = Files.createDirectories(directory.resolve("src/tiny"));
    Path module = Files.writeString(sources.resolveSibling("module-info.java"), MODULE);
    Path main = Files.writeString(sources.resolve("Main.java"), MAIN);
    StringWriter said = new StringWriter();
    PrintWriter out = new PrintWriter(said);
    int code =
        ToolProvider.findFirst("javac")
            .orElseThrow()
            .run(
                out,
                out,
                "-p",
                modulePath(),
                "-d",
                directory.resolve("classes").toString(),
                module.toString(),
                main.toString());
    assertThat(code).as(said.toString()).isZero();
  }

  /** This JDK, and the newer one that the project supports if it is installed. */
  static List<Path> jdks() throws IOException {
    Path own = Path.of(System.getProperty("java.home")).toRealPath();
    if (!Files.isDirectory(JDKS)) {
      return List.of(own);
    }
    try (Stream<Path> installed = Files.list(JDKS)) {
      Stream<Path> newer =
          installed
              .filter(home -> home.getFileName().toString().contains("25"))
              .filter(home -> Files.isExecutable(home.resolve("bin/java")))
              .sorted()
              .limit(1);
      return Stream.concat(Stream.of(own), newer).distinct().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("jdks")
  void main_ofAnApplicationModule(Path jdk) throws Exception {
    Path output = directory.resolve("output");
    Path errors = directory.resolve("errors");
    Process process =
        new ProcessBuilder(
                jdk.resolve("bin/java").toString(),
                "-p",
                modulePath() + File.pathSeparator + directory.resolve("classes"),
                "-m",
                "tiny/tiny.Main",
                directory.toString())
            .redirectOutput(output.toFile())
            .redirectError(errors.toFile())
            .start();
    try {
      assertThat(process.waitFor(2, TimeUnit.MINUTES)).as("ends in time").isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.exitValue()).as(Files.readString(errors, StandardCharsets.UTF_8)).isZero();
    List<String> lines = Files.readAllLines(output, StandardCharsets.UTF_8);
    assertThat(lines)
        .contains("module dev.pinnace", "driver overlayfs", "driver vfs", "isolation linux")
        .contains("from a container")
        .anyMatch(line -> line.matches("version [0-9]+\\.[0-9]+\\.[0-9]+.*"));
  }

  @Test
  void modulePath_hasNothingOfTheTests() {
    assertThat(modulePath()).doesNotContain("junit", "assertj", "test-fixtures");
  }
}
