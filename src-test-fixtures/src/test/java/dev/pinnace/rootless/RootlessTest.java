package dev.pinnace.rootless;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.fixtures.needs.Needs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs {@link UnprivilegedTest} and {@link UnprivilegedPullTest} in a JVM of user 1234, which has
 * no entry in /etc/passwd.
 */
@Needs({"root", "user-namespaces", "setpriv"})
class RootlessTest {
  private static final int USER = 1234;

  @Test
  void unprivilegedTests_passAsAnOrdinaryUser(@TempDir Path directory)
      throws IOException, InterruptedException {
    open(directory);
    Path home = Files.createDirectory(directory.resolve("home"));
    Path runtime = Files.createDirectory(directory.resolve("runtime"));
    Path temporary = Files.createDirectory(directory.resolve("tmp"));
    for (Path own : List.of(home, runtime, temporary)) {
      Files.setAttribute(own, "unix:uid", USER);
      Files.setAttribute(own, "unix:gid", USER);
    }
    Path output = directory.resolve("output");
    ProcessBuilder builder =
        new ProcessBuilder(
                "setpriv",
                "--reuid=" + USER,
                "--regid=" + USER,
                "--clear-groups",
                "--inh-caps=-all",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Djava.io.tmpdir=" + temporary,
                "-Djna.tmpdir=" + temporary,
                "-cp",
                readable(directory),
                "org.junit.platform.console.ConsoleLauncher",
                "execute",
                "--select-package=" + UnprivilegedTest.class.getPackageName(),
                "--include-tag=unprivileged",
                "--details=tree",
                "--disable-banner",
                "--disable-ansi-colors",
                "--fail-if-no-tests")
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("XDG_"));
    builder.environment().put("HOME", home.toString());
    builder.environment().put("XDG_RUNTIME_DIR", runtime.toString());
    Process process = builder.start();
    try {
      assertThat(process.waitFor(3, TimeUnit.MINUTES)).as("ends in time").isTrue();
    } finally {
      process.destroyForcibly();
    }

    String said = Files.readString(output, StandardCharsets.UTF_8);
    assertThat(process.exitValue()).as(said).isZero();
    assertThat(said).contains("[         0 tests skipped").doesNotContain(" 0 tests successful");
  }

  private static void open(Path directory) throws IOException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** The class path, copied where everybody may read it: a build lies in somebody's home. */
  private static String readable(Path directory) throws IOException {
    List<String> entries = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(":", -1)) {
      Path source = Path.of(entry);
      if (Files.exists(source)) {
        Path target = directory.resolve("class-path-" + entries.size());
        copy(
            source,
            Files.isDirectory(source)
                ? target
                : target.resolveSibling(target.getFileName() + ".jar"));
        entries.add(Files.isDirectory(source) ? target.toString() : target + ".jar");
      }
    }
    return String.join(":", entries);
  }

  private static void copy(Path source, Path target) throws IOException {
    try (Stream<Path> files = Files.walk(source)) {
      files.forEach(
          file -> {
            try {
              Path copy = target.resolve(source.relativize(file).toString()).normalize();
              Files.copy(file, copy);
              Files.setPosixFilePermissions(
                  copy,
                  PosixFilePermissions.fromString(
                      Files.isDirectory(file) ? "rwxr-xr-x" : "rw-r--r--"));
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    }
  }
}
