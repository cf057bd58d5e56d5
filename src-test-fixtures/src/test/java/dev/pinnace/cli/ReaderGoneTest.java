package dev.pinnace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.cli.Script.Result;
import dev.pinnace.fixtures.needs.Needs;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An archive that nobody reads to its end. */
@Needs({"root", "busybox"})
class ReaderGoneTest {
  @TempDir private Path home;

  @Test
  void saveAndExport_endAsSigpipeDoes() throws Exception {
    Script script = new Script(home);
    script.pinnace("import-host", "-t", "busy:1", "busybox");
    assertThat(script.pinnace("create", "--name", "box", "busy:1", "busybox").code()).isZero();
    for (String[] call : new String[][] {{"save", "busy:1"}, {"export", "box"}}) {
      Result gone = script.piped("head -c 1 >/dev/null", call);
      assertThat(gone.err()).as(call[0]).isEqualTo("code 141\n");
      Result full = script.redirected(">/dev/full", call);
      assertThat(full.err()).as(call[0]).startsWith("pinnace: ").contains("No space left");
      assertThat(full.code()).as(call[0]).isEqualTo(125);
    }
    assertThat(script.pinnace("rm", "box").code()).isZero();
    assertThat(script.pinnace("rmi", "busy:1").code()).isZero();
  }
}
