package dev.pinnace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.cli.Script.Result;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A host on which JNA can unpack its library nowhere. */
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
}
