package dev.pinnace.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.examples.cli.Commands.Result;
import dev.pinnace.fixtures.leaks.LeakCheck;
import dev.pinnace.fixtures.needs.Needs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Volumes by the command line, with Docker's flags and words. */
@Needs("root")
@Timeout(120)
class VolumeCommandsTest {
  @RegisterExtension static final LeakCheck PLACE = new LeakCheck();

  private final Commands cli = new Commands(PLACE.root(), PLACE.run());

  @BeforeEach
  void makeImage() {
    if (cli.pinnace("images", "-q").lines().isEmpty()) {
      assertThat(cli.pinnace("import-host", "-t", "tools", "sh", "cat", "true").code()).isZero();
    }
  }

  @AfterEach
  void removeAll() {
    for (String id : cli.pinnace("ps", "-aq").lines()) {
      assertThat(cli.pinnace("rm", "-f", id).code()).isZero();
    }
    assertThat(cli.pinnace("volume", "prune", "-af").code()).isZero();
    assertThat(cli.pinnace("volume", "ls", "-q").out()).isEmpty();
  }

  private static Path data(String name) {
    return PLACE.root().resolve("volumes").resolve(name).resolve("_data");
  }

  @Test
  void subPath_isMountedAlone_andInspected() throws Exception {
    assertThat(cli.pinnace("volume", "create", "data").code()).isZero();
    Files.createDirectories(data("data").resolve("a/b"));
    Files.writeString(data("data").resolve("a/b/file"), "below");
    String mount = "type=volume,source=data,target=/m,volume-subpath=";
    Result ran =
        cli.pinnace(
            "run",
            "-d",
            "--name",
            "user",
            "--mount",
            mount + "a/b,readonly",
            "tools",
            "sh",
            "-c",
            "cat /m/file && ! (: > /m/new)");
    assertThat(ran.code()).as(ran.err()).isZero();
    assertThat(cli.pinnace("wait", "user").line()).isEqualTo("0");
    assertThat(cli.pinnace("inspect", "-f", "{{json .HostConfig.Mounts}}", "user").line())
        .isEqualTo(
            "[{\"Type\":\"volume\",\"Source\":\"data\",\"Target\":\"/m\",\"ReadOnly\":true,"
                + "\"VolumeOptions\":{\"Subpath\":\"a/b\",\"DriverConfig\":{\"Name\":\"local\"}}}]");
    assertThat(cli.pinnace("inspect", "-f", "{{json .HostConfig.Binds}}", "user").line())
        .isEqualTo("[]");
    Result missing = cli.pinnace("run", "--mount", mount + "a/c", "tools", "true");
    assertThat(missing.code()).isEqualTo(125);
    assertThat(missing.err()).contains("the mount on /m does not exist: a/c in ");
    assertThat(cli.pinnace("run", "--mount", mount + "../x", "tools", "true").err())
        .contains("a sub-path is relative to the source and stays in it: \"../x\"");
    assertThat(cli.pinnace("ps", "-aq").lines()).hasSize(1);
  }

  @Test
  void create_ls_inspect_rm() {
    assertThat(cli.pinnace("volume", "create", "--label", "a=b", "--label", "c", "data").out())
        .isEqualTo("data\n");
    String unnamed = cli.pinnace("volume", "create").line();
    assertThat(unnamed).matches("[0-9a-f]{64}");
    assertThat(cli.pinnace("volume", "ls").lines())
        .containsExactlyInAnyOrder("DRIVER   VOLUME NAME", "local    data", "local    " + unnamed);
    assertThat(cli.pinnace("volume", "ls", "-q", "-f", "label=a=b").out()).isEqualTo("data\n");
    assertThat(cli.pinnace("volume", "ls", "-qf", "name=dat").out()).isEqualTo("data\n");
    assertThat(cli.pinnace("volume", "ls", "-qf", "driver=other").out()).isEmpty();
    assertThat(
            cli.pinnace(
                    "volume",
                    "ls",
                    "-f",
                    "name=data",
                    "--format",
                    "{{.Name}} {{.Driver}} {{.Scope}} {{.Labels}} {{.Mountpoint}}")
                .out())
        .isEqualTo("data local local a=b,c= " + data("data") + "\n");
    assertThat(
            cli.pinnace(
                    "volume", "inspect", "-f", "{{.Name}} {{.Mountpoint}} {{json .Labels}}", "data")
                .out())
        .isEqualTo("data " + data("data") + " {\"a\":\"b\",\"c\":\"\"}\n");
    assertThat(cli.pinnace("inspect", "data").out())
        .contains("\"Scope\" : \"local\"", "\"Driver\" : \"local\"", "\"Options\" : { }");
    assertThat(cli.pinnace("volume", "inspect", "nothing").err())
        .contains("there is no volume by the name of nothing");
    assertThat(cli.pinnace("volume", "rm", "data", unnamed).out())
        .isEqualTo("data\n" + unnamed + "\n");
    Result gone = cli.pinnace("volume", "rm", "data");
    assertThat(gone.code()).isEqualTo(125);
    assertThat(gone.err()).contains("there is no volume \"data\"");
    assertThat(cli.pinnace("volume", "rm", "-f", "data").code()).isZero();
  }

  @Test
  void wrongWords_areRefused() {
    assertThat(cli.pinnace("volume", "create", "x").err())
        .contains("cannot be the name of a volume");
    assertThat(cli.pinnace("volume", "create", "-d", "nfs", "data").err())
        .contains("no volume driver \"nfs\"");
    assertThat(cli.pinnace("volume", "ls", "-f", "what=x").err()).contains("is not known");
    assertThat(cli.pinnace("volume", "ls", "-f", "dangling=x").err()).contains("true or false");
    assertThat(cli.pinnace("volume", "prune", "-f", "--filter", "until=1h").err())
        .contains("until is not for volumes");
    assertThat(cli.pinnace("system", "prune", "-f", "--volumes", "--filter", "until=1h").err())
        .contains("until is not for volumes");
  }

  @Test
  void containers_useThem() {
    String id =
        cli.pinnace("create", "--name", "one", "-v", "data:/d", "-v", "/a", "tools", "true").line();
    assertThat(cli.pinnace("volume", "rm", "data").err()).contains("is used by container one");
    List<String> dangling = cli.pinnace("volume", "ls", "-qf", "dangling=true").lines();
    assertThat(dangling).isEmpty();
    String anonymous =
        cli.pinnace("volume", "ls", "-q").lines().stream()
            .filter(name -> !name.equals("data"))
            .findFirst()
            .orElseThrow();
    for (String wanted : List.of("data", "/d", anonymous)) {
      assertThat(cli.pinnace("ps", "-aq", "--no-trunc", "--filter", "volume=" + wanted).line())
          .isEqualTo(id);
    }
    assertThat(cli.pinnace("ps", "-aq", "--filter", "volume=dat").out()).isEmpty();
    assertThat(cli.pinnace("ps", "-a", "--format", "{{.Mounts}} {{.LocalVolumes}}").line())
        .contains("data")
        .endsWith(" 2");
    assertThat(
            cli.pinnace(
                    "inspect",
                    "-f",
                    "{{range .Mounts}}{{.Type}} {{.Name}} {{.Destination}} {{.Driver}}"
                        + " {{.RW}};{{end}}",
                    "one")
                .line())
        .contains("volume data /d local true;", "volume " + anonymous + " /a local true;");
    cli.pinnace("create", "--name", "two", "--volumes-from", "one:ro", "tools", "true");
    assertThat(
            cli.pinnace("inspect", "-f", "{{range .Mounts}}{{.Name}} {{.RW}};{{end}}", "two")
                .line())
        .contains("data false;", anonymous + " false;");
    assertThat(cli.pinnace("inspect", "-f", "{{json .HostConfig.VolumesFrom}}", "two").line())
        .isEqualTo("[\"one:ro\"]");
    assertThat(cli.pinnace("rm", "-v", "one").out()).isEqualTo("one\n");
    assertThat(cli.pinnace("volume", "ls", "-q").lines()).contains(anonymous);
    assertThat(cli.pinnace("rm", "-v", "two").out()).isEqualTo("two\n");
    assertThat(cli.pinnace("volume", "ls", "-q").out()).isEqualTo("data\n");
  }

  @Test
  void prune_anonymousOnesUnlessAll() {
    cli.pinnace("volume", "create", "data");
    String unnamed = cli.pinnace("volume", "create").line();
    assertThat(cli.pinnace("volume", "prune", "-f", "--filter", "label=x").out())
        .isEqualTo("Total reclaimed space: 0B\n");
    assertThat(cli.pinnace("volume", "prune", "-f").lines())
        .startsWith("Deleted Volumes:", unnamed, "");
    assertThat(cli.pinnace("system", "prune", "-f").out()).doesNotContain("Deleted Volumes");
    String another = cli.pinnace("volume", "create").line();
    assertThat(cli.pinnace("system", "prune", "-f", "--volumes").out())
        .contains("Deleted Volumes:\n" + another + "\n");
    assertThat(cli.pinnace("volume", "prune", "-a", "-f").out())
        .contains("Deleted Volumes:\ndata\n");
  }

  @Test
  void df_hasVolumes() {
    cli.pinnace("create", "--name", "one", "-v", "data:/d", "tools", "true");
    cli.pinnace("volume", "create", "free");
    assertThat(
            cli.pinnace("system", "df", "--format", "{{.Type}}: {{.TotalCount}} {{.Active}}")
                .lines())
        .contains("Local Volumes: 2 1");
    assertThat(cli.pinnace("system", "df", "-v").out())
        .contains("Local Volumes space usage:", "VOLUME NAME   LINKS   SIZE")
        .containsPattern("data +1 +")
        .containsPattern("free +0 +");
  }
}
