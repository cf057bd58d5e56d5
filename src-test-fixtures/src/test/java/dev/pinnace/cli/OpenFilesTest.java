package dev.pinnace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.cli.Script.Result;
import dev.pinnace.fixtures.needs.Needs;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A process that may not open enough files: what the command line says of it. */
@Needs({"root", "busybox"})
class OpenFilesTest {
  @TempDir private Path home;

  @ParameterizedTest
  @ValueSource(ints = {24, 26, 27, 28, 29, 30, 32, 40, 48, 56, 64, 72, 80})
  void run_worksOrNamesTheLimit(int most) throws Exception {
    Script script = new Script(home);
    String id = script.pinnace("import-host", "busybox").line();
    Result run = script.after("ulimit -n " + most, "run", "--rm", id, "busybox", "true");
    if (run.code() != 0) {
      assertThat(run.code()).as(run.err()).isEqualTo(125);
      assertThat(run.err().lines())
          .singleElement()
          .asString()
          .contains("EMFILE (too many open files)", "ulimit -n")
          .as("no name of an inner call")
          .doesNotContainPattern("pinnace: [a-z_0-9]+\\(");
    }
    assertThat(script.pinnace("ps", "-aq").out()).isEmpty();
  }
}
