package dev.pinnace.guest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Container;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.spec.ExecResult;
import dev.pinnace.spec.ExecSpec;
import dev.pinnace.spec.RunResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Programs run under the AppArmor profile that was asked for: a kernel with AppArmor says which.
 */
@Tag("vm")
@Needs({"root", "apparmor_parser"})
class AppArmorProfileTest extends GuestFixture {
  private static final String PROFILE = "pinnace-test";
  private static final String SHOW = "cat /proc/self/attr/current";
  private static final String CONFINED = PROFILE + " (enforce)";

  @BeforeAll
  static void load(@TempDir Path directory) throws IOException, InterruptedException {
    Path source = directory.resolve("profile");
    Files.writeString(
        source,
        "profile "
            + PROFILE
            + " flags=(attach_disconnected,mediate_deleted) {\n"
            + "  file,\n  capability,\n  signal,\n  deny /forbidden w,\n}\n");
    parser("-r", source);
  }

  @AfterAll
  static void unload(@TempDir Path directory) throws IOException, InterruptedException {
    Path source = directory.resolve("profile");
    Files.writeString(source, "profile " + PROFILE + " {\n}\n");
    parser("-R", source);
  }

  private static void parser(String how, Path source) throws IOException, InterruptedException {
    Process parser =
        new ProcessBuilder("apparmor_parser", how, "-K", source.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(parser.getInputStream().readAllBytes(), UTF_8);
    assertThat(parser.waitFor()).as(said).isZero();
  }

  @Test
  void profile_bindsTheProgram() {
    RunResult result =
        sandbox.run(
            sandbox.sh(SHOW + "; echo x >/allowed && echo x >/forbidden").apparmor(PROFILE));
    assertThat(result.stdout().strip()).isEqualTo(CONFINED);
    assertThat(result.stderr()).contains("/forbidden").containsIgnoringCase("denied");
    assertThat(result.exitCode()).isNotZero();
  }

  @Test
  void none_andUnconfined_bindNobody() {
    assertThat(sandbox.run(sandbox.sh(SHOW)).stdout().strip()).isEqualTo("unconfined");
    assertThat(sandbox.run(sandbox.sh(SHOW).apparmor("unconfined")).stdout().strip())
        .isEqualTo("unconfined");
  }

  @Test
  void profile_bindsWhereNamespacesAndProcessesDiffer() {
    assertThat(
            sandbox
                .run(sandbox.sh(SHOW).apparmor(PROFILE).userMap(100_000, 100_000, 65_536))
                .stdout()
                .strip())
        .isEqualTo(CONFINED);
    assertThat(
            sandbox
                .run(sandbox.sh(SHOW).apparmor(PROFILE).init().noNewPrivileges())
                .stdout()
                .strip())
        .isEqualTo(CONFINED);
    assertThat(sandbox.run(sandbox.sh(SHOW).apparmor(PROFILE).hostPid()).stdout().strip())
        .isEqualTo(CONFINED);
    assertThat(sandbox.run(sandbox.sh(SHOW).apparmor(PROFILE).privileged()).stdout().strip())
        .isEqualTo(CONFINED);
  }

  @Test
  void profile_bindsAnExec_alsoOneWithPrivileges() {
    Container container = start(sandbox.sh("exec sleep 600").apparmor(PROFILE));
    ExecResult plain = container.execute("sh", "-c", SHOW);
    assertThat(plain.stdout().strip()).isEqualTo(CONFINED);
    ExecResult privileged = container.execute(ExecSpec.of("sh", "-c", SHOW).withPrivileges());
    assertThat(privileged.stdout().strip()).isEqualTo(CONFINED);
    container.remove(true);
  }

  @Test
  void profile_thatJoinsAnothersProcesses_bindsToo() {
    Container first = start(sandbox.sh("exec sleep 600"));
    assertThat(
            sandbox
                .run(sandbox.sh(SHOW).apparmor(PROFILE).pidOf(first.id().hex()))
                .stdout()
                .strip())
        .isEqualTo(CONFINED);
    first.remove(true);
  }

  @Test
  void profile_thatIsNotLoaded_isRefused() {
    assertThatThrownBy(
            () -> sandbox.pinnace().containers().create(sandbox.sh("true").apparmor("no-such")))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("no-such is not loaded");
    assertThatThrownBy(() -> sandbox.run(sandbox.sh("true").apparmor(":no:such")))
        .isInstanceOf(PinnaceException.class)
        .hasMessageContaining("choose the AppArmor profile :no:such");
  }

  @Test
  void feature_isTold() {
    assertThat(sandbox.pinnace().info().features())
        .anySatisfy(
            feature -> {
              assertThat(feature.name()).isEqualTo("AppArmor profiles");
              assertThat(feature.available()).isTrue();
            });
  }
}
