package dev.pinnace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.fixtures.needs.Needs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuickstartTest {
  private static final Path PROJECT =
      Path.of(System.getProperty("basedir", ".")).toAbsolutePath().resolve("..");

  @TempDir private Path home;

  @Test
  @Needs("root")
  void quickstart_showsAContainerAndLeavesNothing() throws Exception {
    Path temporary = Files.createDirectory(home.resolve("t"));
    Script.Result result =
        new Script(home)
            .call("quickstart", "", Map.of("PINNACE_JAVA_OPTS", "-Djava.io.tmpdir=" + temporary));
    assertThat(result.err()).isEmpty();
    assertThat(result.code()).isZero();
    assertThat(result.out())
        .contains("(exit code 0)", "host name   quickstart", "NoNewPrivs: 1", "Seccomp: 2")
        .contains("root        is read-only", "64 open files", "network     lo")
        .doesNotContain("(a bug)");
    try (Stream<Path> left = Files.list(temporary)) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void readme_examplesAreTheCompiledOnes() throws Exception {
    Path examples = PROJECT.resolve("examples/src/main/java/dev/pinnace/examples");
    List<String> sources = new ArrayList<>();
    for (String example : List.of("ReadmeExample.java", "RegistryExample.java")) {
      sources.addAll(between(examples.resolve(example), "// readme:begin\n", " *// readme:end"));
    }
    assertThat(between(PROJECT.resolve("README.md"), "```java\n", "```")).isEqualTo(sources);
  }

  private static List<String> between(Path file, String begin, String end) throws Exception {
    List<String> found =
        Pattern.compile(
                Pattern.quote(begin) + "(.*?)" + end.replace("```", "\\Q```\\E"), Pattern.DOTALL)
            .matcher(Files.readString(file))
            .results()
            .map(match -> match.group(1).stripTrailing().stripIndent())
            .toList();
    assertThat(found).as("%s in %s", begin, file).isNotEmpty();
    return found;
  }
}
