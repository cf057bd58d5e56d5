package dev.pinnace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.cli.Script.Result;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.spec.Platform;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code save load import export commit history image} of the command line. */
@Needs({"root", "busybox", "script"})
class ArchivesTest {
  @TempDir private Path home;

  @Test
  void images_areCommittedSavedLoadedAndShown() throws Exception {
    Script script = new Script(home);
    script.pinnace("import-host", "-t", "busy:1", "busybox");
    assertThat(
            script
                .pinnace("run", "--name", "box", "busy:1", "busybox", "sh", "-c", "echo hi >/motd")
                .code())
        .isZero();
    Result commit =
        script.pinnace(
            "commit",
            "-a",
            "Ann",
            "-m",
            "why",
            "-c",
            "ENV A=b",
            "--change=CMD [\"busybox\", \"cat\", \"/motd\"]",
            "box",
            "made:1");
    assertThat(commit.line()).as(commit.err()).matches("sha256:[0-9a-f]{64}");
    assertThat(script.pinnace("run", "--rm", "made:1").out()).isEqualTo("hi\n");
    assertThat(script.pinnace("commit", "-p=false", "box").line()).startsWith("sha256:");

    String history = script.pinnace("history", "made:1").out();
    assertThat(history.lines().findFirst().orElseThrow())
        .matches("IMAGE +CREATED +CREATED BY +SIZE +COMMENT *");
    assertThat(history).contains("why", "<missing>");
    assertThat(script.pinnace("image", "history", "-q", "--no-trunc", "made:1").out())
        .isEqualTo(commit.line() + "\n<missing>\n");
    assertThat(
            script
                .pinnace("history", "-H=false", "--format", "{{.CreatedSince}} {{.Size}}", "made:1")
                .out()
                .lines()
                .findFirst()
                .orElseThrow())
        .matches("20\\d\\d-.*Z \\d+");
    assertThat(
            script
                .pinnace("inspect", "-f", "{{.Author}} {{.Comment}} {{json .Config.Env}}", "made:1")
                .line())
        .startsWith("Ann why [\"PATH=")
        .endsWith("\"A=b\"]");

    Path saved = home.resolve("saved.tar");
    assertThat(script.pinnace("save", "-o", saved.toString(), "busy:1", "made:1").code()).isZero();
    Result piped =
        script.redirected("> " + home.resolve("piped.tar"), "image", "save", "busy:1", "made:1");
    assertThat(piped.code()).isZero();
    assertThat(home.resolve("piped.tar")).hasSameBinaryContentAs(saved);
    assertThat(script.pinnace("tag", "busy:1", "made:1").code()).isZero();
    assertThat(script.pinnace("load", "-i", saved.toString()).out())
        .isEqualTo(
            "Loaded image: busy:1\nThe image made:1 already exists, renaming the old one with ID "
                + script.pinnace("inspect", "-f", "{{.Id}}", "busy:1").line()
                + " to empty string\nLoaded image: made:1\n");
    assertThat(script.redirected("< " + saved, "load", "-q").out())
        .isEqualTo("Loaded image: busy:1\nLoaded image: made:1\n");
    assertThat(script.pinnace("image", "ls", "-q").out().lines()).hasSize(3);
    Result other = script.pinnace("load", "--platform", "linux/s390x", "-i", saved.toString());
    assertThat(other.code()).isEqualTo(125);
    assertThat(other.err()).contains("has no image for linux/s390x");
    String host = Platform.host().toString();
    assertThat(script.redirected("< " + saved, "load", "-q", "--platform", host).out())
        .isEqualTo("Loaded image: busy:1\nLoaded image: made:1\n");
    assertThat(script.pinnace("images", "-q", "-f", "until=1h").out()).isEmpty();
    assertThat(script.pinnace("images", "-q", "-f", "until=2199-01-01T00:00:00Z").out())
        .isNotEmpty();
    assertThat(
            script
                .pinnace("images", "-q", "-f", "until=1h", "-f", "until=2199-01-01T00:00:00Z")
                .out())
        .isEmpty();
    assertThat(script.pinnace("image", "rm", "--no-prune", "-f", "made:1").out())
        .contains("Untagged: made:1");
    assertThat(script.pinnace("image", "inspect", "box").code()).isEqualTo(125);
    assertThat(script.pinnace("rm", "-f", "box").code()).isZero();
    assertThat(script.pinnace("system", "prune", "--volumes", "-f").code()).isZero();
  }

  @Test
  void files_areExportedAndImported() throws Exception {
    Script script = new Script(home);
    script.pinnace("import-host", "-t", "busy:1", "busybox");
    script.pinnace("create", "--name", "box", "busy:1", "busybox", "true");
    Path tar = home.resolve("c.tar");
    assertThat(script.pinnace("export", "-o", tar.toString(), "box").code()).isZero();
    assertThat(script.redirected("> " + home.resolve("d.tar"), "export", "box").code()).isZero();
    assertThat(home.resolve("d.tar")).hasSameBinaryContentAs(tar);
    Result imported =
        script.pinnace(
            "import",
            "-c",
            "CMD [\"busybox\", \"echo\", \"here\"]",
            "-m",
            "text",
            "--platform",
            "linux/amd64",
            tar.toString(),
            "flat");
    assertThat(imported.line()).as(imported.err()).matches("sha256:[0-9a-f]{64}");
    assertThat(script.pinnace("run", "--rm", "flat").out()).isEqualTo("here\n");
    assertThat(script.redirected("< " + tar, "import", "-", "piped:1").line())
        .startsWith("sha256:");
    assertThat(script.pinnace("history", "--format", "{{.Comment}}", "piped:1").line())
        .isEqualTo("Imported from -");
    script.pinnace("rm", "box");
  }

  @Test
  void wrongCalls_areRefusedAndLeaveNothing() throws Exception {
    Script script = new Script(home);
    script.pinnace("import-host", "-t", "busy:1", "busybox");
    script.pinnace("create", "--name", "box", "busy:1", "busybox", "true");
    String none = home.resolve("none/x").toString();
    String[][] calls = {
      {"save", "none:1", "-o", home.resolve("x").toString()},
      {"save", "busy:1", "--format", "zip", "-o", home.resolve("x").toString()},
      {"save", "busy:1", "--format", "oci-dir"},
      {"save", "busy:1", "-o", none},
      {"save"},
      {"export", "none"},
      {"export", "box", "-o", none},
      {"commit", "none"},
      {"commit", "box", "Not A Name"},
      {"commit", "box", "-c", "RUN x"},
      {"commit", "box", "-p=maybe"},
      {"import", none},
      {"import", home.toString()},
      {"import", "https://"},
      {"import", "-", "--platform", "nonsense"},
      {"history", "none"},
      {"history", "--format", "{{.Nothing}}", "busy:1"},
      {"load", "-i", none}
    };
    for (String[] call : calls) {
      Result result = script.pinnace(call);
      assertThat(result.code()).as(String.join(" ", call)).isEqualTo(125);
      assertThat(result.out()).as(String.join(" ", call)).isEmpty();
      assertThat(result.err()).as(String.join(" ", call)).startsWith("pinnace: ");
    }
    assertThat(home.resolve("x")).doesNotExist();
    assertThat(script.pinnace("images", "-q").out().lines()).hasSize(1);
    script.pinnace("rm", "box");
  }

  @Test
  void import_ofAnAddressThatIsNone_showsNoPassword() throws Exception {
    for (String password : new String[] {"se?cr%et", "se#cr%et", "se/cr et", "se@cr%et"}) {
      Result result =
          new Script(home).pinnace("import", "http://ann:" + password + "@host.example/x");
      assertThat(result.code()).isEqualTo(125);
      assertThat(result.err())
          .startsWith("pinnace: http://host.example/x is no URL: ")
          .doesNotContain("ann", "se", "cr");
    }
  }

  @Test
  void archives_areNotWrittenToTerminals() throws Exception {
    Script script = new Script(home);
    script.pinnace("import-host", "-t", "busy:1", "busybox");
    script.pinnace("create", "--name", "box", "busy:1", "busybox", "true");
    for (String call : new String[] {"save busy:1", "export box", "load"}) {
      Path log = home.resolve("terminal.log");
      Process terminal =
          new ProcessBuilder(
                  "script",
                  "-qec",
                  "PINNACE_ROOT="
                      + home.resolve("root")
                      + " PINNACE_RUN="
                      + home.resolve("run")
                      + " "
                      + Script.program()
                      + " "
                      + call,
                  log.toString())
              .redirectInput(new java.io.File("/dev/null"))
              .redirectOutput(home.resolve("terminal.out").toFile())
              .start();
      assertThat(terminal.waitFor()).as(call).isEqualTo(125);
      assertThat(Files.readString(log)).as(call).contains("terminal", "redirect");
    }
    script.pinnace("rm", "box");
  }
}
