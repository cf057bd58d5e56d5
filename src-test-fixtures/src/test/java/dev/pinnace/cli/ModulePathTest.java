package dev.pinnace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What lies beside the example's JAR is all that a module needs to be compiled against Pinnace. */
class ModulePathTest {
  private static final Path LIBRARIES =
      Path.of(System.getProperty("basedir", "."))
          .toAbsolutePath()
          .resolve("../examples/target/lib");

  @TempDir private Path directory;

  @Test
  void javac_moduleThatRequiresPinnace_compiles() throws Exception {
    Path module =
        Files.writeString(
            directory.resolve("module-info.java"), "module user { requires dev.pinnace; }");
    Path user =
        Files.writeString(
            directory.resolve("User.java"),
            "package user; class User { String s = dev.pinnace.Pinnace.open().root().toString();"
                + " }");
    StringWriter said = new StringWriter();
    int code =
        ToolProvider.findFirst("javac")
            .orElseThrow()
            .run(
                new PrintWriter(said),
                new PrintWriter(said),
                "-p",
                LIBRARIES.toString(),
                "-d",
                directory.resolve("out").toString(),
                module.toString(),
                user.toString());
    assertThat(code).as(said.toString()).isZero();
  }
}
