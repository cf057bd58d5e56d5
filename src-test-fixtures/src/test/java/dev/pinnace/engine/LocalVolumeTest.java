package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Container;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.CorruptException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.internal.durable.FaultPoints;
import dev.pinnace.spec.Mount;
import dev.pinnace.spec.VolumeSpec;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
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
  void newVolume_thatOneMountDescribes_isTheSameForThoseThatNameIt() {
    Mount described = Mount.volume(spec("none", directory.toString(), "bind")).at("/described");
    Mount named = Mount.volume("data").at("/named");
    String script = "echo one > /described/file; busybox cat /named/file";
    assertThat(run(shell(script).mount(described).mount(named))).isEqualTo("one\n");
    engine.volumes().get("data").remove();
    assertThat(run(shell(script).mount(named).mount(described))).isEqualTo("one\n");
    assertThat(directory.resolve("file")).hasContent("one");
    assertThat(engine.volumes().get("data").inspect().spec().options()).containsEntry("o", "bind");
  }

  @Test
  void emptyBind_isFilledFromTheImage_asItIsThere() throws Exception {
    imageOf(
        "filling",
        "mkdir -p /data/in; echo image > /data/in/file; ln /data/in/file /data/other;"
            + " busybox chown 7:8 /data; busybox chmod 2750 /data;"
            + " busybox touch -d '2001-02-03 04:05:06' /data");
    engine.volumes().create(spec("none", directory.toString(), "bind"));
    engine.containers().create(of("filling", "").mount(data())).remove(false);
    assertThat(children(directory)).hasSize(2);
    assertThat(directory.resolve("in/file")).hasContent("image");
    assertThat(Files.getAttribute(directory.resolve("other"), "unix:nlink")).isEqualTo(2);
    assertThat(Files.getAttribute(directory, "unix:uid")).isEqualTo(7);
    assertThat(Files.getAttribute(directory, "unix:gid")).isEqualTo(8);
    assertThat((int) Files.getAttribute(directory, "unix:mode") & 07777).isEqualTo(02750);
    assertThat(Files.getLastModifiedTime(directory).toInstant())
        .isEqualTo(Instant.parse("2001-02-03T04:05:06Z"));
    assertThat(children(root().resolve("volumes/.drafts"))).isEmpty();
  }

  @Test
  void bindWithFiles_orReadOnly_orWithoutCopy_isNotFilled() throws Exception {
    imageOf("filling", "mkdir -p /data; echo image > /data/file");
    engine.volumes().create(spec("none", directory.toString(), "bind,ro"));
    engine.containers().create(of("filling", "").mount(data())).remove(false);
    assertThat(directory).isEmptyDirectory();
    engine.volumes().get("data").remove();
    engine.volumes().create(spec("none", directory.toString(), "bind"));
    engine.containers().create(of("filling", "").mount(data().withoutCopy())).remove(false);
    assertThat(directory).isEmptyDirectory();
    Path own = Files.writeString(directory.resolve("own"), "kept");
    engine.containers().create(of("filling", "").mount(data())).remove(false);
    assertThat(children(directory)).containsExactly(own);
  }

  @Test
  void bindThatAnotherContainerHas_isNotFilled() {
    imageOf("filling", "mkdir -p /data; echo image > /data/file");
    engine.volumes().create(spec("none", directory.toString(), "bind"));
    Container first = engine.containers().create(of("filling", "").mount(data().withoutCopy()));
    engine.containers().create(of("filling", "").mount(data())).remove(false);
    assertThat(directory).isEmptyDirectory();
    first.remove(false);
    engine.containers().create(of("filling", "").mount(data())).remove(false);
    assertThat(directory.resolve("file")).hasContent("image");
  }

  @Test
  void bindThatCannotBeWrittenTo_staysEmpty_andTheContainerIsMade() throws Exception {
    imageOf("filling", "mkdir -p /data; echo image > /data/file");
    engine.volumes().create(spec("none", directory.toString(), "bind"));
    call("mount", "-t", "tmpfs", "-o", "ro,size=1m", "tmpfs", directory.toString());
    try {
      assertThat(run(of("filling", "busybox ls -A /data").mount(data()))).isEmpty();
    } finally {
      call("umount", directory.toString());
    }
  }

  @Test
  void bindThatIsTooSmall_isNamed_andStaysEmpty() throws Exception {
    imageOf(
        "filling", "mkdir -p /data/in; echo x > /data/in/x; busybox dd if=/bin/busybox of=/data/z");
    engine.volumes().create(spec("none", directory.toString(), "bind"));
    call("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", directory.toString());
    try {
      assertThatThrownBy(() -> engine.containers().create(of("filling", "").mount(data())))
          .isInstanceOf(PinnaceException.class)
          .hasMessageContaining("cannot fill volume data with files of the image")
          .hasMessageContaining("ENOSPC");
      assertThat(directory).isEmptyDirectory();
      assertThat(engine.containers().list()).isEmpty();
    } finally {
      call("umount", directory.toString());
    }
  }

  private static void call(String... command) throws Exception {
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
  }

  @Test
  void fillingThatFails_leavesTheDirectoryEmpty() {
    imageOf("filling", "mkdir -p /data/in; echo image > /data/in/file; echo image > /data/file");
    engine.volumes().create(spec("none", directory.toString(), "bind"));
    FaultPoints.listen(
        point -> {
          if (point.equals("foreign volume copied")) {
            throw new IllegalStateException("no more");
          }
        });
    try {
      assertThatThrownBy(() -> engine.containers().create(of("filling", "").mount(data())))
          .hasMessageContaining("no more");
    } finally {
      FaultPoints.listen(point -> {});
    }
    assertThat(engine.containers().list()).isEmpty();
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void fileThatOthersMakeMeanwhile_refusesTheFilling_andStays() throws Exception {
    imageOf("filling", "mkdir -p /data; for n in 1 2 3; do echo image > /data/$n; done");
    engine.volumes().create(spec("none", directory.toString(), "bind"));
    AtomicInteger files = new AtomicInteger();
    FaultPoints.listen(
        point -> {
          if (point.equals("foreign file") && files.incrementAndGet() == 2) {
            makeMissing("1", "2", "3");
          }
        });
    try {
      assertThatThrownBy(() -> engine.containers().create(of("filling", "").mount(data())))
          .isInstanceOf(ConflictException.class)
          .hasMessageContaining("somebody else has made");
    } finally {
      FaultPoints.listen(point -> {});
    }
    assertThat(engine.containers().list()).isEmpty();
    assertThat(children(directory)).hasSize(2).allSatisfy(file -> assertThat(file).hasContent(""));
  }

  private void makeMissing(String... names) {
    for (String name : names) {
      try {
        if (!Files.exists(directory.resolve(name))) {
          Files.createFile(directory.resolve(name));
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Test
  void bind_isMeasuredAndBackedUp_whereItIs_othersAreNot() throws Exception {
    Files.write(directory.resolve("file"), new byte[1 << 20]);
    engine.volumes().create(spec("none", directory.toString(), "bind"));
    assertThat(engine.volumes().get("data").size().count()).isBetween(1L << 20, 2L << 20);
    ByteArrayOutputStream tar = new ByteArrayOutputStream();
    engine.volumes().get("data").backup(tar);
    engine.volumes().restore(VolumeSpec.named("copy"), new ByteArrayInputStream(tar.toByteArray()));
    assertThat(data("copy").resolve("file")).hasSize(1 << 20);
    Files.delete(directory.resolve("file"));
    Files.delete(directory);
    assertThatThrownBy(() -> engine.volumes().get("data").size())
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining("cannot open " + directory + ", where volume data has its files");
    engine.volumes().get("data").remove();
    engine.volumes().create(spec("tmpfs", "tmpfs", ""));
    assertThatThrownBy(() -> engine.volumes().get("data").size())
        .isInstanceOf(UnsupportedException.class)
        .hasMessageContaining("a file system that is mounted in containers only");
    assertThatThrownBy(() -> engine.volumes().get("data").backup(new ByteArrayOutputStream()))
        .isInstanceOf(UnsupportedException.class);
    Files.createDirectory(directory);
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
  void deviceThatHasGone_isNamedByTheStart() throws Exception {
    Path device = Files.createDirectory(directory.resolve("device"));
    engine.volumes().create(spec("none", device.toString(), "bind"));
    Container container = engine.containers().create(shell("").mount(data()));
    Files.delete(device);
    assertThatThrownBy(container::start)
        .hasMessageContaining(device.toString())
        .hasMessageNotContaining("filling");
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
