package dev.pinnace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.cli.Script.Result;
import dev.pinnace.fixtures.needs.Needs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code import-host} takes along, and what it says. */
@Needs({"root", "script"})
class ImportHostTest {
  @TempDir private Path home;

  private Path script(String name, String content) throws Exception {
    Path script = Files.writeString(home.resolve(name), content);
    return Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @Test
  void script_isToldInPinnacesOwnVoice_andRuns() throws Exception {
    Script pinnace = new Script(home);
    Path tool = script("tool", "#!/bin/sh\necho done\n");
    Result made = pinnace.pinnace("import-host", tool.toString(), "-t", "made");
    assertThat(made.code()).isZero();
    assertThat(made.err())
        .isEqualTo(
            "pinnace: "
                + tool
                + " is a script: /bin/sh goes along, but not the programs and files that it uses,"
                + " which are to be named too\npinnace: the image is called made:latest\n");
    assertThat(pinnace.pinnace("run", "--rm", "made").out()).isEqualTo("done\n");
  }

  @Test
  void with_atAnotherPlace() throws Exception {
    Script pinnace = new Script(home);
    Path file = Files.writeString(home.resolve("a:file"), "content\n");
    Result made =
        pinnace.pinnace(
            "import-host", "cat", "-t", "made", "--with", file + ":/opt/x", "--with", "" + file);
    assertThat(made.err()).isEqualTo("pinnace: the image is called made:latest\n");
    assertThat(pinnace.pinnace("run", "--rm", "made", "cat", "/opt/x", "" + file).out())
        .isEqualTo("content\ncontent\n");
    Result refused = pinnace.pinnace("import-host", "cat", "--with", "/no/such:/opt/x");
    assertThat(refused.code()).isEqualTo(125);
    assertThat(refused.err()).isEqualTo("pinnace: there is no /no/such on this host\n");
  }
}
