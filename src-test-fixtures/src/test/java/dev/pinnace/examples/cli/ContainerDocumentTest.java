package dev.pinnace.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.ContainerPaths;
import dev.pinnace.spec.ContainerSpec;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.ContainerState;
import dev.pinnace.spec.ContainerStatus;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.LogSpec;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code inspect} tells of a container, by Docker's names. */
class ContainerDocumentTest {
  private static final ContainerPaths PATHS =
      new ContainerPaths(
          Path.of("/l/log"),
          Path.of("/e/hosts"),
          Path.of("/e/hn"),
          Path.of("/e/rc"),
          Optional.of(
              new ContainerPaths.LayerPaths(
                  List.of(Path.of("/l/2"), Path.of("/l/1")),
                  Path.of("/c/upper"),
                  Optional.of(Path.of("/c/work")))));

  private static ContainerSpecBuilder spec() {
    return ContainerSpec.image("i").command("true");
  }

  private static Map<String, Object> document(ContainerSpecBuilder spec) {
    ContainerState state =
        new ContainerState(
            new ContainerId("ab".repeat(32)),
            "web",
            Digest.parse("sha256:" + "cd".repeat(32)),
            spec.build(),
            spec.build().mounts(),
            List.of(),
            Instant.EPOCH,
            ContainerStatus.CREATED,
            OptionalInt.empty(),
            Optional.empty(),
            0,
            Optional.empty(),
            Optional.empty());
    return ContainerDocument.of(state, Optional.empty(), PATHS, "overlayfs", List.of());
  }

  private static String shown(String template, ContainerSpecBuilder spec) {
    return Template.render(template, document(spec));
  }

  @Test
  void files_areWhereTheyAre() {
    assertThat(document(spec()))
        .containsEntry("LogPath", "/l/log")
        .containsEntry("HostsPath", "/e/hosts")
        .containsEntry("HostnamePath", "/e/hn")
        .containsEntry("ResolvConfPath", "/e/rc")
        .containsEntry("Driver", "overlayfs");
    assertThat(shown("{{json .GraphDriver}} {{json .ExecIDs}}", spec()))
        .isEqualTo(
            "{\"Data\":{\"LowerDir\":\"/l/2:/l/1\",\"MergedDir\":\"\",\"UpperDir\":\"/c/upper\","
                + "\"WorkDir\":\"/c/work\"},\"Name\":\"overlayfs\"} null");
    ContainerSpecBuilder silent = spec().log(new LogSpec(Bytes.ZERO, 1));
    assertThat(shown("[{{.LogPath}}] {{.HostConfig.LogConfig.Type}}", silent)).isEqualTo("[] none");
  }

  @Test
  void limits_haveDockersNames() {
    ContainerSpecBuilder spec =
        spec()
            .cpuWeight(100)
            .cpuQuota(50_000)
            .cpuPeriod(20_000)
            .ioWeight(LimitOptions.ioWeight("flag", 300))
            .ioMax("250:77 rbps=1048576 wiops=100")
            .ioMax("250:78 rbps=max wbps=5");
    assertThat(
            shown(
                "{{.HostConfig.CpuShares}} {{.HostConfig.CpuQuota}} {{.HostConfig.CpuPeriod}}"
                    + " {{.HostConfig.BlkioWeight}} {{json .HostConfig.BlkioDeviceReadBps}}"
                    + " {{json .HostConfig.BlkioDeviceWriteBps}}"
                    + " {{json .HostConfig.BlkioDeviceReadIOps}}"
                    + " {{json .HostConfig.BlkioDeviceWriteIOps}}",
                spec))
        .isEqualTo(
            "1024 50000 20000 300 [{\"Path\":\"250:77\",\"Rate\":1048576}]"
                + " [{\"Path\":\"250:78\",\"Rate\":5}] []"
                + " [{\"Path\":\"250:77\",\"Rate\":100}]");
    assertThat(
            shown(
                "{{json .HostConfig.BlkioWeightDevice}} {{json .HostConfig.HugePages}}"
                    + " {{.HostConfig.CgroupParent}} {{.AppArmorProfile}}"
                    + " {{.HostConfig.SecurityOpt}}",
                spec()
                    .ioWeight("250:77", LimitOptions.ioWeight("flag", 500))
                    .hugePages(Bytes.mebi(2), Bytes.mebi(4))
                    .cgroupParent("/a/b")
                    .apparmor("p")))
        .isEqualTo("[{\"Path\":\"250:77\",\"Weight\":500}] {\"2MB\":4194304} /a/b p [apparmor=p]");
    assertThat(shown("{{.HostConfig.CpuShares}} {{.HostConfig.BlkioWeight}}", spec()))
        .isEqualTo("0 0");
  }

  @ParameterizedTest
  @ValueSource(longs = {2, 10, 256, 500, 512, 1000, 1024, 2000, 2048, 10_000, 262_144})
  void shares_thatAreRound_comeBack(long shares) {
    assertThat(LimitOptions.cpuShares(LimitOptions.cpuWeight(shares)))
        .satisfies(
            back ->
                assertThat(LimitOptions.cpuWeight(back)).isEqualTo(LimitOptions.cpuWeight(shares)));
  }

  @Test
  void weights_comeBack() {
    assertThat(IntStream.rangeClosed(10, 1000))
        .allMatch(
            weight -> LimitOptions.blkioWeight(LimitOptions.ioWeight("flag", weight)) == weight);
    assertThat(LimitOptions.cpuShares(LimitOptions.cpuWeight(512))).isEqualTo(512);
    assertThat(IntStream.of(1, 2, 39, 100, 101, 5000, 9999, 10_000))
        .allMatch(weight -> LimitOptions.cpuShares(weight) >= 2);
  }

  @Test
  void sizeOfItsFiles_andFileOfItsId() {
    ContainerSpecBuilder spec =
        spec()
            .layerLimit(Bytes.gibi(1))
            .annotation(ContainerOptions.CIDFILE, "some/cid")
            .annotation("k", "v");
    String format =
        "{{json .HostConfig.StorageOpt}} {{.HostConfig.ContainerIDFile}}"
            + " {{json .HostConfig.Annotations}}";
    assertThat(shown(format, spec)).isEqualTo("{\"size\":\"1073741824\"} some/cid {\"k\":\"v\"}");
    assertThat(shown("{{json .HostConfig.StorageOpt}}[{{.HostConfig.ContainerIDFile}}]", spec()))
        .isEqualTo("{}[]");
  }

  @Test
  void devicesAndPaths() {
    ContainerSpecBuilder spec =
        spec().device("/dev/a:/dev/b:r").deviceRule("c 1:3 r").annotation("k", "v");
    assertThat(
            shown(
                "{{json .HostConfig.Devices}} {{json .HostConfig.DeviceCgroupRules}}"
                    + " {{.HostConfig.Annotations.k}}",
                spec))
        .isEqualTo(
            "[{\"PathOnHost\":\"/dev/a\",\"PathInContainer\":\"/dev/b\",\"CgroupPermissions\":\"r\"}]"
                + " [\"c 1:3 r\"] v");
    assertThat(shown("{{json .HostConfig.MaskedPaths}}", spec())).contains("\"/proc/kcore\"");
    assertThat(shown("{{json .HostConfig.ReadonlyPaths}}", spec())).contains("\"/proc/sys\"");
    assertThat(
            shown(
                "{{json .HostConfig.MaskedPaths}}{{json .HostConfig.ReadonlyPaths}}",
                spec().unmaskPaths()))
        .isEqualTo("[][]");
  }

  @Test
  void streams_ofTheForegroundAreAttached() {
    String streams =
        "{{.Config.AttachStdin}} {{.Config.AttachStdout}} {{.Config.AttachStderr}}"
            + " {{.Config.OpenStdin}} {{.Config.StdinOnce}}";
    assertThat(shown(streams, spec())).isEqualTo("false true true false false");
    assertThat(shown(streams, spec().stdinOpen())).isEqualTo("true true true true false");
    assertThat(shown(streams, spec().stdinOnce())).isEqualTo("true true true true true");
    assertThat(shown(streams, spec().stdinOpen().detached()))
        .isEqualTo("false false false true false");
  }

  @Test
  void config_asItIs() {
    ContainerSpecBuilder spec =
        spec()
            .stopTimeout(ChronoUnit.FOREVER.getDuration())
            .extraHost("a", "::1")
            .extraHost("a", "::2");
    assertThat(shown("{{.Config.StopTimeout}} {{json .HostConfig.ExtraHosts}}", spec))
        .isEqualTo("-1 [\"a:::1\",\"a:::2\"]");
  }
}
