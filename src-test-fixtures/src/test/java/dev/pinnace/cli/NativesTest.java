package dev.pinnace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import dev.pinnace.cli.Script.Result;
import dev.pinnace.fixtures.layer.LayerArchive;
import dev.pinnace.fixtures.needs.Needs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A host on which libraries can be unpacked nowhere. */
class NativesTest {
  private static final Map<String, String> NOWHERE =
      Map.of("PINNACE_JAVA_OPTS", "-Djna.tmpdir=/proc/sys");

  @TempDir private Path home;

  @Test
  void ps_libraryCannotBeUnpacked_saysWhereAndWhatToDo() throws Exception {
    Result ps = new Script(home).call("pinnace", "", NOWHERE, "ps");
    assertThat(ps.code()).isEqualTo(125);
    assertThat(ps.err().lines().reduce((line, last) -> last).orElseThrow())
        .as("after a warning of JNA itself")
        .startsWith("pinnace: running containers is not available: linux: JNA")
        .contains("unpacks into /proc/sys: ", "-Djna.tmpdir=DIR");
  }

  @Test
  void doctor_libraryCannotBeUnpacked_reportsIt() throws Exception {
    Result doctor = new Script(home).call("pinnace", "", NOWHERE, "doctor");
    assertThat(doctor.code()).isEqualTo(125);
    assertThat(doctor.out()).startsWith("Containers cannot run here.").contains("-Djna.tmpdir=DIR");
    assertThat(doctor.err()).doesNotContain("UnsatisfiedLinkError");
  }

  @Test
  @Needs("root")
  void import_libraryOfZstdCannotBeUnpacked_saysWhereAndWhatToDo() throws Exception {
    Path tar = home.resolve("files.tar.zst");
    Files.write(tar, Zstd.compress(new LayerArchive().file("x", "y").bytes()));
    Result refused =
        new Script(home)
            .call(
                "pinnace",
                "",
                Map.of("PINNACE_JAVA_OPTS", "-DZstdTempFolder=/proc/sys"),
                "import",
                tar.toString());
    assertThat(refused.code()).isEqualTo(125);
    assertThat(refused.err().lines())
        .singleElement()
        .asString()
        .startsWith("pinnace: the compression zstd of ")
        .contains("unpacks into /proc/sys: ", "-DZstdTempFolder=DIR");
    assertThat(new Script(home).pinnace("import", tar.toString()).code()).isZero();
  }
}
