package dev.pinnace.security;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.linux.file.MountInfo;
import dev.pinnace.linux.file.Mounts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Mounts that come and go on both sides of a bind: in a mount namespace of the test's own, so that
 * the machine's mounts stay as they are.
 */
@Needs({"root", "unshare", "gcc", "busybox", "user-namespaces"})
@Timeout(300)
class PropagationTest {
  private static List<String> said = List.of();

  @BeforeAll
  static void runInNamespace(@TempDir Path directory) throws IOException, InterruptedException {
    Path output = directory.resolve("output");
    List<MountInfo> before = mounts(directory);
    Process process =
        new ProcessBuilder(
                "unshare",
                "--mount",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Dpinnace.strict=true",
                "-cp",
                System.getProperty("java.class.path"),
                PropagationHost.class.getName(),
                directory.toString())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(process.waitFor(4, TimeUnit.MINUTES)).as("ends in time").isTrue();
    } finally {
      process.destroyForcibly();
    }
    String text = Files.readString(output, StandardCharsets.UTF_8);
    assertThat(process.exitValue()).as(text).isZero();
    assertThat(before).as("the machine's mounts").containsAll(mounts(directory));
    said = text.lines().toList();
  }

  /** The machine's, but for those of tests in other JVMs. */
  private static List<MountInfo> mounts(Path own) {
    String temporary = System.getProperty("java.io.tmpdir") + "/";
    return Mounts.list().stream()
        .filter(
            mount ->
                !mount.target().startsWith(temporary) || mount.target().startsWith(own.toString()))
        .toList();
  }

  private static List<String> of(String name) {
    return said.stream().filter(line -> line.startsWith(name + ": ")).toList();
  }

  @Test
  void private_neitherWay() {
    for (String mode : List.of("private", "rprivate")) {
      assertThat(of(mode))
          .containsExactly(
              mode + ": unchanged by the start true",
              mode + ": host's mount inside false",
              mode + ": container's mount made, on the host false",
              mode + ": gone inside true",
              mode + ": nothing left true");
    }
  }

  @Test
  void slave_fromTheHostAlone() {
    for (String mode : List.of("slave", "rslave")) {
      assertThat(of(mode))
          .containsExactly(
              mode + ": unchanged by the start true",
              mode + ": host's mount inside true",
              mode + ": container's mount made, on the host false",
              mode + ": gone inside true",
              mode + ": nothing left true");
    }
  }

  @Test
  void shared_bothWays() {
    for (String mode : List.of("shared", "rshared")) {
      assertThat(of(mode))
          .containsExactly(
              mode + ": unchanged by the start true",
              mode + ": host's mount inside true",
              mode + ": container's mount made, on the host true",
              mode + ": gone inside true",
              mode + ": nothing left true");
    }
  }

  @Test
  void slave_inAUserNamespace() {
    assertThat(of("mapped rslave"))
        .contains(
            "mapped rslave: unchanged by the start true",
            "mapped rslave: host's mount inside true",
            "mapped rslave: gone inside true",
            "mapped rslave: nothing left true");
  }

  @Test
  void readOnly_withWhatIsMountedBelow() {
    assertThat(said.stream().filter(line -> line.startsWith("written, ")))
        .containsExactly(
            "written, plain: top written, nested written, nested",
            "written, read-only: nested",
            "written, at the top: nested written, nested",
            "written, alone: top written, nested written, none",
            "written, alone, read-only: none",
            "written, slave, read-only: nested",
            "written, slave, at the top: nested written, nested",
            "written, owned: nested");
  }

  @Test
  void create_whatCouldNotPropagate_isRefused() {
    assertThat(said.stream().filter(line -> line.startsWith("refused: ")))
        .satisfiesExactly(
            line ->
                assertThat(line)
                    .contains("cannot be rslave", "which is not shared", "mount --make-shared"),
            line ->
                assertThat(line)
                    .contains("the propagation rshared of the mount on /s", "user namespace"));
    assertThat(said).doesNotContain("not refused");
  }

  @Test
  void start_linkOfTheImageIntoASharedMount_mountsNothingOnTheHost() {
    assertThat(said).contains("link: exit 0, unchanged true");
  }
}
