package dev.pinnace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.cli.Script.Result;
import dev.pinnace.fixtures.needs.Needs;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** image prune, system prune and restart as people call them. */
@Needs("root")
@Timeout(240)
class PruneScriptTest {
  private static final String RECLAIMED = "\nTotal reclaimed space: [1-9][0-9.]*[kM]?B\n";

  @TempDir private Path home;
  private Script script;

  /** The image that has lost its name. */
  private String nameless = "";

  @BeforeEach
  void makeImages() throws Exception {
    script = new Script(home);
    nameless = imported("cat");
    String unused = imported("sleep");
  }

  private String imported(String program) throws Exception {
    Result made = script.pinnace("import-host", "-t", "tools:1", "sh", program);
    assertThat(made.code()).as(made.err()).isZero();
    return made.line();
  }

  private String names() throws Exception {
    return script.pinnace("images", "--format", "{{.Repository}}:{{.Tag}}").out();
  }

  @Test
  void imagePrune_asks_andSaysWhatItDeleted() throws Exception {
    Result no = script.pinnaceReading("n\n", "image", "prune");
    assertThat(no.code()).isZero();
    assertThat(no.out())
        .isEqualTo(
            """
            WARNING! This will remove all dangling images.
            Are you sure you want to continue? [y/N] Total reclaimed space: 0B
            """);
    Result yes = script.pinnaceReading("y\n", "image", "prune");
    assertThat(yes.code()).isZero();
    assertThat(yes.out())
        .matches("(?s)WARNING!.*] Deleted Images:\ndeleted: " + nameless + "\n" + RECLAIMED);
    assertThat(names()).isEqualTo("tools:1\n");
    assertThat(script.pinnace("image", "prune", "-f").out())
        .isEqualTo("Total reclaimed space: 0B\n");
    assertThat(script.pinnace("image", "prune", "-af").out())
        .matches("Deleted Images:\nuntagged: tools:1\ndeleted: sha256:[0-9a-f]{64}\n" + RECLAIMED);
    assertThat(names()).isEmpty();
  }

  @Test
  void systemPruneOfAll_keepsWhatRuns() throws Exception {
    String id = script.pinnace("create", "tools:1", "sh", "-c", "exit 0").line();
    String kept =
        script.pinnace("run", "-d", "--name", "kept", nameless, "sh", "-c", "cat /dev/zero").line();
    assertThat(script.pinnace("tag", nameless, "kept:1").code()).isZero();
    Result yes = script.pinnaceReading("y\n", "system", "prune", "-a");
    assertThat(yes.code()).as(yes.err()).isZero();
    assertThat(yes.out())
        .startsWith(
            """
            WARNING! This will remove:
              - all stopped containers
              - all images without at least one container associated to them
              - what cancelled downloads have left
            """)
        .contains("] Deleted Containers:\n" + id + "\n\nDeleted Images:\nuntagged: tools:1\n")
        .containsPattern("\ndeleted: sha256:[0-9a-f]{64}\n" + RECLAIMED + "$");
    assertThat(script.pinnace("ps", "-aq", "--no-trunc").line()).isEqualTo(kept);
    assertThat(names()).isEqualTo("kept:1\n");
    assertThat(script.pinnace("rm", "-f", "kept").line()).isEqualTo("kept");
    assertThat(script.pinnace("system", "prune", "-af").out())
        .startsWith("Deleted Images:\nuntagged: kept:1\ndeleted: " + nameless + "\n");
  }

  @Test
  void restart_namesWhatItStartedAgain() throws Exception {
    String loop = "trap 'exit 0' TERM; echo begun; while :; do sleep 0.05; done";
    for (String name : new String[] {"one", "two"}) {
      assertThat(script.pinnace("run", "-d", "--name", name, "tools:1", "sh", "-c", loop).code())
          .isZero();
    }
    Result both = script.pinnace("restart", "-t", "30", "one", "two");
    assertThat(both.err()).isEmpty();
    assertThat(both.out()).isEqualTo("one\ntwo\n");
    assertThat(script.pinnace("ps", "--format", "{{.Names}} {{.State}}").out().lines())
        .containsExactlyInAnyOrder("one running", "two running");
    assertThat(script.pinnace("stop", "one").code()).isZero();
    assertThat(script.pinnace("logs", "one").out()).isEqualTo("begun\nbegun\n");
    Result missing = script.pinnace("restart", "one", "nobody");
    assertThat(missing.code()).isEqualTo(125);
    assertThat(missing.out()).isEqualTo("one\n");
    assertThat(missing.err()).contains("nobody");
    assertThat(script.pinnace("rm", "-f", "one", "two").out()).isEqualTo("one\ntwo\n");
  }
}
