package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Container;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.CorruptException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.spec.Mount;
import dev.pinnace.spec.VolumeSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Options of the driver local. */
class LocalVolumeTest extends VolumeFixture {
  @TempDir Path directory;

  private static VolumeSpec spec(String type, String device, String o) {
    return VolumeSpec.named("data")
        .withOption("type", type)
        .withOption("device", device)
        .withOption("o", o);
  }

  private static Mount data() {
    return Mount.volume("data").at("/data");
  }

  @Test
  void tmpfs_hasItsOptions_andIsOneContainersAtATime() {
    engine.volumes().create(spec("tmpfs", "tmpfs", "size=100m,uid=1000,noexec"));
    assertThat(engine.volumes().get("data").inspect().path()).isEmpty();
    String script = "busybox grep ' /data ' /proc/self/mounts; busybox stat -c %u /data";
    assertThat(run(shell(script).mount(data())))
        .contains("noexec")
        .contains("size=102400k,uid=1000")
        .endsWith("\n1000\n");
    Container first = engine.containers().start(waiting().name("first").mount(data()));
    Container second = engine.containers().create(waiting().name("second").mount(data()));
    assertThatThrownBy(second::start)
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("container \"first\" runs with volume data");
    first.stop();
    second.start();
    assertThat(Files.exists(root().resolve("volumes/data/_data"))).isTrue();
  }

  @Test
  void bind_isThatDirectory_readOnlyIfSaid() throws Exception {
    Files.writeString(directory.resolve("file"), "there");
    engine.volumes().create(spec("none", directory.toString(), "bind,ro"));
    assertThat(engine.volumes().get("data").inspect().path()).contains(directory);
    assertThat(run(shell("busybox cat /data/file; ! echo > /data/other").mount(data())))
        .isEqualTo("there");
    engine.volumes().get("data").remove();
    assertThat(directory.resolve("file")).hasContent("there");
    Mount described = Mount.volume(spec("none", directory.toString(), "bind")).at("/data");
    assertThat(run(shell("echo more > /data/other; busybox cat /data/file").mount(described)))
        .isEqualTo("there");
    assertThat(directory.resolve("other")).hasContent("more");
    assertThat(run(shell("echo twice >> /data/other").mount(data()))).isEmpty();
    assertThat(directory.resolve("other")).hasContent("more\ntwice");
  }

  @Test
  void deviceThatIsMissing_isNamed_andNoContainerIsLeft() {
    Path missing = directory.resolve("missing");
    engine.volumes().create(spec("none", missing.toString(), "bind"));
    assertThatThrownBy(() -> engine.containers().create(shell("").mount(data())))
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining("volume data cannot be mounted: its device " + missing);
    assertThat(engine.containers().list()).isEmpty();
  }

  @Test
  void whatTheKernelRefuses_isNamed_withTheVolume() {
    Map<VolumeSpec, String> refused =
        Map.of(
            spec("nothingfs", "x", ""), "begin nothingfs of volume data",
            spec("tmpfs", "tmpfs", "size=many"), "volume data: a tmpfs cannot have size=many",
            spec("tmpfs", "tmpfs", "colour=red"), "volume data: a tmpfs does not know",
            spec("ext4", "/nowhere", ""), "ext4 of volume data");
    refused.forEach(
        (spec, message) -> {
          engine.volumes().create(spec);
          assertThatThrownBy(() -> engine.containers().run(shell("").mount(data())))
              .hasMessageContaining(message);
          assertThat(engine.containers().list()).isEmpty();
          engine.volumes().get("data").remove();
        });
  }

  @Test
  void optionsThatCannotBe_areRefused_withTheVolume() {
    Map<VolumeSpec, String> refused =
        Map.of(
            VolumeSpec.named("data").withOption("colour", "red"), "does not know the option colour",
            VolumeSpec.named("data").withOption("type", "tmpfs"), "the option device is missing",
            VolumeSpec.named("data").withOption("o", "ro"), "the option type is missing",
            spec("tmpfs", "tmpfs", "ro,rw"), "has both ro and rw",
            spec("tmpfs", "tmpfs", "remount"), "o=remount means nothing",
            spec("none", "relative", "bind"), "the device relative is not absolute",
            spec("none", "/srv", "ro"), "the type \"none\" is no file system",
            spec("tmpfs", "tmpfs", "").withOption("size", "1g"),
                "the option size limits a directory",
            VolumeSpec.named("data").withOption("size", "much"), "the option size=much",
            VolumeSpec.named("data").withOption("size", "0"), "the option size is 0");
    refused.forEach(
        (spec, message) -> {
          assertThatThrownBy(() -> engine.volumes().create(spec))
              .isInstanceOf(InvalidSpecException.class)
              .hasMessageStartingWith("volume data cannot be: ")
              .hasMessageContaining(message);
          assertThatThrownBy(
                  () -> engine.containers().create(shell("").mount(Mount.volume(spec).at("/data"))))
              .isInstanceOf(InvalidSpecException.class);
          assertThat(names()).isEmpty();
        });
  }

  @Test
  void size_withoutQuotas_isRefused_andNothingIsLeft() {
    assertThatThrownBy(
            () -> engine.volumes().create(VolumeSpec.named("data").withOption("size", "1g")))
        .isInstanceOf(UnsupportedException.class)
        .hasMessageContaining("the size of volume data");
    assertThat(names()).isEmpty();
  }

  @Test
  void filesThatAreGone_areMissed_notJustNotFound() throws Exception {
    engine.volumes().create("data");
    Files.delete(data("data"));
    assertThatThrownBy(() -> engine.containers().create(shell("").mount(data())))
        .isInstanceOf(CorruptException.class)
        .hasMessageContaining("volume data has lost its files: " + data("data"));
    assertThat(engine.containers().list()).isEmpty();
    engine.volumes().get("data").remove();
  }

  @Test
  void strayLink_isRemovedByForce_andNotWhatItLeadsTo() throws Exception {
    Files.writeString(directory.resolve("file"), "kept");
    Path link = root().resolve("volumes/stray");
    Files.createSymbolicLink(link, directory);
    assertThatThrownBy(() -> engine.volumes().get("stray").remove())
        .isInstanceOf(CorruptException.class)
        .hasMessageContaining("remove it by force");
    engine.volumes().get("stray").remove(true);
    assertThat(link).doesNotExist();
    assertThat(directory.resolve("file")).hasContent("kept");
  }
}
