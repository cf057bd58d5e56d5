package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.Pinnace;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.guest.ProjectRecords;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.ContainerSpec;
import dev.pinnace.spec.Mount;
import dev.pinnace.spec.RunResult;
import dev.pinnace.spec.VolumeFilter;
import dev.pinnace.spec.VolumeSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sizes of volumes, and one on a block device, on the ext4 with project quotas of vm/run. */
@Tag("vm")
@Needs({"root", "chattr"})
class VolumeSizeTest {
  private static final Bytes SIZE = Bytes.mebi(4);

  @TempDir Path directory;
  private Pinnace engine;

  private Pinnace open() {
    return Pinnace.builder()
        .root(directory.resolve("root"))
        .runDirectory(directory.resolve("run"))
        .open();
  }

  @BeforeEach
  void begin() {
    assertThat(ProjectRecords.limited(directory)).isEmpty();
    engine = open();
    engine.images().host("sh", "head", "chattr", "ls", "cat").named("small").build();
  }

  @AfterEach
  void end() {
    engine.volumes().prune(VolumeFilter.all());
    engine.close();
    assertThat(ProjectRecords.limited(directory)).as("limits that are left").isEmpty();
  }

  private RunResult run(String script, Mount mount) {
    return engine
        .containers()
        .run(ContainerSpec.image("small").command("sh", "-c", script).mount(mount));
  }

  private static VolumeSpec sized() {
    return VolumeSpec.named("data").withSize(SIZE);
  }

  @Test
  void size_holds_forWhatContainersWrite_andEndsWithTheVolume() {
    engine.volumes().create(sized());
    assertThat(ProjectRecords.limited(directory)).hasSize(1);
    Mount data = Mount.volume("data").at("/data");
    RunResult result =
        run(
            "head -c 3000000 /dev/zero >/data/a && echo first;"
                + " head -c 3000000 /dev/zero >/data/b || echo second;"
                + " chattr -p 0 /data/a || echo refused;"
                + " head -c 6000000 /dev/zero >/elsewhere && echo free",
            data);
    assertThat(result.stdout()).isEqualTo("first\nsecond\nrefused\nfree\n");
    assertThat(engine.volumes().get("data").size().count())
        .isBetween(3_000_000L, SIZE.count() + (1 << 16));
    assertThat(engine.volumes().get("data").inspect().spec().options())
        .containsEntry("size", Long.toString(SIZE.count()));
    assertThat(run("echo full >/data/c || echo still", data).stdout()).isIn("", "still\n");
    engine.volumes().get("data").remove();
    // A mount namespace that is being torn down has the directory a moment longer.
    EngineFixture.eventually(() -> ProjectRecords.all(directory).isEmpty());
  }

  @Test
  void size_holds_forWhatTheImageHas() {
    RunResult result =
        run(
            "ls /etc; head -c 6000000 /dev/zero >/etc/more || echo full",
            Mount.volume(sized()).at("/etc"));
    assertThat(result.stdout()).contains("passwd\n").endsWith("full\n");
    engine.volumes().get("data").remove();
    // The image's programs are more than that: root fills it nevertheless, and then it is full.
    VolumeSpec small = VolumeSpec.named("small").withSize(Bytes.of(65536));
    assertThat(
            run("cat /etc/passwd >/usr/more || echo full", Mount.volume(small).at("/usr")).stdout())
        .isEqualTo("full\n");
  }

  @Test
  void removalOfAVolume_liftsNoLimitOfAnother() {
    engine.volumes().create(sized());
    int project = ProjectRecords.limited(directory).iterator().next();
    Mount plain = Mount.volume("plain").at("/plain");
    assertThat(run("chattr -p " + project + " /plain && echo claimed", plain).stdout())
        .isEqualTo("claimed\n");
    engine.volumes().get("plain").remove();
    assertThat(ProjectRecords.limited(directory)).containsExactly(project);
    engine.volumes().get("data").remove();
    // A mount namespace that is being torn down has the directory a moment longer.
    EngineFixture.eventually(() -> ProjectRecords.all(directory).isEmpty());
  }

  @ParameterizedTest
  @ValueSource(strings = {"volume limited", "volume drafted"})
  void create_killed_leavesNoLimit(String point) {
    killAt(point, "make-volume", "data", "4m");
    reopen();
    assertThat(engine.volumes().find("data")).isEmpty();
    assertThat(ProjectRecords.all(directory)).isEmpty();
  }

  @Test
  void remove_killed_leavesNoLimit() {
    engine.volumes().create(sized());
    killAt("volume removed", "remove-volume", "data");
    reopen();
    assertThat(engine.volumes().find("data")).isEmpty();
    assertThat(ProjectRecords.all(directory)).isEmpty();
  }

  private void reopen() {
    engine.close();
    engine = open();
  }

  private void killAt(String point, String... work) {
    try (Peer peer = Peer.start(directory.resolve("root"), directory.resolve("run"))) {
      assertThat(peer.ask("halt-at", point)).isEqualTo("ok");
      assertThat(peer.ask(work)).isEqualTo("halted " + point);
      peer.kill();
    }
  }

  /** The disk that the test lies on is mounted once more, in the container alone. */
  @Test
  void ext4OnABlockDevice_isMountedInTheContainer() throws Exception {
    Files.writeString(directory.resolve("file"), "on the disk");
    String[] words =
        Files.readAllLines(Path.of("/proc/self/mounts")).stream()
            .map(line -> line.split(" "))
            .filter(fields -> fields[2].equals("ext4") && directory.startsWith(fields[1]))
            .reduce((first, last) -> last)
            .orElseThrow();
    engine
        .volumes()
        .create(
            VolumeSpec.named("disk")
                .withOption("type", "ext4")
                .withOption("device", words[0])
                .withOption("o", "noexec"));
    Path below = Path.of(words[1]).relativize(directory).resolve("file");
    RunResult result =
        run("cat /disk/" + below + "; ls /dev", Mount.volume("disk").at("/disk").asReadOnly());
    assertThat(result.stderr()).isEmpty();
    assertThat(result.stdout()).startsWith("on the disk").doesNotContain(words[0].substring(5));
  }
}
