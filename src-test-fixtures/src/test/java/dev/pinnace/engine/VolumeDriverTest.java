package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.error.CancelledException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.fixtures.leaks.Leftovers;
import dev.pinnace.internal.durable.FaultPoints;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.Mount;
import dev.pinnace.spec.Signal;
import dev.pinnace.spec.VolumeFilter;
import dev.pinnace.spec.VolumeSpec;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Volumes whose files a driver keeps. */
class VolumeDriverTest extends VolumeFixture {
  @TempDir Path shelf;
  private DirectoryDriver driver;
  private Pinnace driven;

  @BeforeEach
  void openWithDriver() {
    driver = new DirectoryDriver("shelf", shelf);
    driven = openWith(driver);
  }

  private static Pinnace openWith(DirectoryDriver driver) {
    return Pinnace.builder().root(root()).runDirectory(runDirectory()).volumeDriver(driver).open();
  }

  @AfterEach
  void nothingIsLeftAtTheDriver() throws IOException {
    driver.failing = "";
    Leftovers.remove(driven);
    driven.volumes().prune(VolumeFilter.all());
    driven.close();
    assertThat(children(shelf)).isEmpty();
  }

  private static VolumeSpec spec() {
    return VolumeSpec.named("data").withDriver("shelf");
  }

  private static Mount mount() {
    return Mount.volume(spec()).at("/data");
  }

  @Test
  void createAndRemove_areAskedOfTheDriver() {
    driven.volumes().create(spec());
    driven.volumes().create(spec());
    assertThat(driver.calls).containsExactly("create data");
    assertThat(driven.volumes().list(VolumeFilter.all().driver("shelf")))
        .singleElement()
        .satisfies(state -> assertThat(state.path()).contains(shelf.resolve("data")));
    assertThat(driven.volumes().list(VolumeFilter.all().driver("local"))).isEmpty();
    driven.volumes().get("data").remove();
    assertThat(driver.calls).containsExactly("create data", "remove data");
  }

  @Test
  void container_readsAndWritesThere_andItIsUnmountedAtItsEnd() throws Exception {
    driven.volumes().create(spec());
    Files.writeString(shelf.resolve("data/in"), "from the shelf");
    ContainerSpecBuilder spec = shell("busybox cat /data/in; echo out > /data/out");
    // Of one that is there the name says enough.
    assertThat(driven.containers().run(spec.mount(Mount.volume("data").at("/data"))).stdout())
        .isEqualTo("from the shelf");
    assertThat(shelf.resolve("data/out")).hasContent("out");
    eventually(() -> driver.calls.contains("unmount data"));
    assertThat(driver.calls).containsExactly("create data", "mount data", "unmount data");
  }

  @Test
  void startedTwice_isMountedAndUnmountedTwice_andNotRemovedMeanwhile() {
    Container container = driven.containers().create(waiting().mount(mount()));
    for (int round = 1; round <= 2; round++) {
      container.start();
      ready(container);
      assertThatThrownBy(() -> driven.volumes().get("data").remove(true))
          .hasMessageContaining("is used by container");
      container.stop();
      int ended = round;
      eventually(
          () -> driver.calls.stream().filter(call -> call.equals("unmount data")).count() == ended);
    }
    container.remove(false);
    assertThat(driver.calls)
        .containsExactly("create data", "mount data", "unmount data", "mount data", "unmount data");
  }

  @Test
  void copies_goToTheDriver(@TempDir Path directory) throws Exception {
    Container container = driven.containers().create(waiting().mount(mount()));
    Path file = Files.writeString(directory.resolve("file"), "copied");
    container.copyIn(file, "/data/file");
    assertThat(shelf.resolve("data/file")).hasContent("copied");
    assertThat(driver.calls).containsExactly("create data", "mount data", "unmount data");
  }

  @Test
  void driverThatFails_isNamed_andNothingIsLeft() {
    driver.failing = "create";
    assertThatThrownBy(() -> driven.volumes().create(spec()))
        .isInstanceOf(PinnaceException.class)
        .hasMessage("the volume driver shelf cannot create volume data: the shelf is full");
    assertThat(names()).isEmpty();
    assertThatThrownBy(() -> driven.containers().create(waiting().mount(mount())))
        .hasMessageContaining("the shelf is full");
    assertThat(names()).isEmpty();
    driver.failing = "";
    assertThatThrownBy(() -> driven.volumes().create(spec().withOption("colour", "red")))
        .hasMessageContaining("there is no option colour");
    assertThat(names()).isEmpty();
  }

  @Test
  void mountThatFails_startsNothing() {
    for (String failing : List.of("mount", "path")) {
      driver.failing = failing;
      assertThatThrownBy(() -> driven.containers().start(waiting().mount(mount())))
          .isInstanceOf(PinnaceException.class)
          .hasMessageContaining("the volume driver shelf")
          .hasMessageContaining("volume data");
      assertThat(driven.containers().list()).isEmpty();
      assertThat(driver.calls).endsWith("mount data", "unmount data");
    }
  }

  @Test
  void driverThatFails_keepsNobodyFromSeeingAndPruningOtherVolumes() {
    driven.volumes().create(spec());
    driven.volumes().create("mine");
    driver.failing = "find";
    assertThat(names()).containsExactlyInAnyOrder("data", "mine");
    driver.failing = "remove";
    assertThat(driven.volumes().prune(VolumeFilter.all()).volumes()).containsExactly("mine");
    assertThat(names()).containsExactly("data");
  }

  @Test
  void removalThatFails_keepsTheVolume_unlessForced() throws Exception {
    driven.volumes().create(spec());
    driver.failing = "remove";
    assertThatThrownBy(() -> driven.volumes().get("data").remove())
        .hasMessage("the volume driver shelf cannot remove volume data: the shelf is full");
    assertThat(names()).containsExactly("data");
    driven.volumes().get("data").remove(true);
    assertThat(names()).isEmpty();
    Files.delete(shelf.resolve("data"));
  }

  @Test
  void unknownDriver_isRefused_andOneThatIsMissingLater() {
    assertThatThrownBy(() -> driven.volumes().create(VolumeSpec.named("xx").withDriver("other")))
        .isInstanceOf(NotFoundException.class)
        .hasMessageStartingWith("there is no volume driver \"other\": there are local, shelf");
    driven.volumes().create(spec());
    // The engine of the fixture has no such driver.
    assertThat(engine.volumes().get("data").inspect().path()).isEmpty();
    assertThatThrownBy(() -> engine.volumes().get("data").remove())
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining("there is no volume driver \"shelf\": there is local");
    assertThatThrownBy(() -> engine.containers().run(shell("").mount(mount())))
        .isInstanceOf(NotFoundException.class);
    assertThat(engine.containers().list()).isEmpty();
  }

  @Test
  void sizeAndBackup_readWhatTheDriverMounts_andItIsUnmounted() throws Exception {
    driven.volumes().create(spec());
    Files.write(shelf.resolve("data/file"), new byte[1 << 20]);
    driver.calls.clear();
    assertThat(driven.volumes().get("data").size().count()).isBetween(1L << 20, 2L << 20);
    assertThat(driver.calls).containsExactly("mount data", "unmount data");
    ByteArrayOutputStream tar = new ByteArrayOutputStream();
    driven.volumes().get("data").backup(tar);
    assertThat(driver.calls)
        .containsExactly("mount data", "unmount data", "mount data", "unmount data");
    driven.volumes().restore(VolumeSpec.named("copy"), new ByteArrayInputStream(tar.toByteArray()));
    assertThat(data("copy").resolve("file")).hasSize(1 << 20);
    driver.failing = "mount";
    assertThatThrownBy(() -> driven.volumes().get("data").size())
        .hasMessage("the volume driver shelf cannot mount volume data: the shelf is full");
    assertThat(driver.calls).endsWith("mount data", "unmount data");
  }

  @Test
  void restore_isRefused_andNothingIsMade() {
    assertThatThrownBy(
            () -> driven.volumes().restore(spec(), new ByteArrayInputStream(new byte[1024])))
        .isInstanceOf(UnsupportedException.class)
        .hasMessageContaining("to make volume data of an archive");
    assertThat(names()).isEmpty();
    assertThat(driver.calls).isEmpty();
  }

  @Test
  void emptyVolume_isFilledFromTheImage_andOneWithFilesIsNot() throws Exception {
    imageOf("filling", "mkdir -p /data/in; echo image > /data/in/file; busybox chmod 711 /data");
    Container first = driven.containers().create(of("filling", "").mount(mount()));
    assertThat(shelf.resolve("data/in/file")).hasContent("image");
    assertThat(children(shelf.resolve("data"))).hasSize(1);
    assertThat(Files.getPosixFilePermissions(shelf.resolve("data")))
        .isEqualTo(PosixFilePermissions.fromString("rwx--x--x"));
    assertThat(driver.calls).containsExactly("create data", "mount data", "unmount data");
    first.remove(true);
    Files.writeString(shelf.resolve("data/in/file"), "changed");
    assertThat(
            driven
                .containers()
                .run(of("filling", "busybox cat /data/in/file").mount(mount()))
                .stdout())
        .isEqualTo("changed");
  }

  @Test
  void fillingWithoutCopy_orWithoutSuchADirectory_asksForNoMount() {
    imageOf("filling", "mkdir -p /data; echo image > /data/file");
    driven.containers().create(of("filling", "").mount(mount().withoutCopy()));
    driven.containers().create(of("filling", "").mount(Mount.volume(spec()).at("/other")));
    assertThat(driver.calls).containsExactly("create data");
    assertThat(shelf.resolve("data")).isEmptyDirectory();
  }

  @Test
  void fillingThatFails_makesNoContainer_andLeavesNothingMounted() {
    imageOf("filling", "mkdir -p /data; echo image > /data/file");
    driver.failing = "mount";
    assertThatThrownBy(() -> driven.containers().create(of("filling", "").mount(mount())))
        .hasMessageContaining("the volume driver shelf cannot mount volume data");
    assertThat(driven.containers().list()).isEmpty();
    assertThat(driver.calls).endsWith("mount data", "unmount data");
  }

  @Test
  void names_thatAreTakenOrNone_areRefused() {
    for (String name : List.of("local", "", "a b")) {
      assertThatThrownBy(() -> openWith(new DirectoryDriver(name, shelf)))
          .isInstanceOf(InvalidSpecException.class)
          .hasMessageContaining("DirectoryDriver");
    }
  }

  /** As where every engine that knew of the container was killed. */
  @Test
  void endedWhileNoEngineWasOpen_isUnmountedByTheNextOne() {
    DirectoryDriver earlier = new DirectoryDriver("shelf", shelf);
    ContainerSpecBuilder spec = waiting().name("left").detached().mount(mount());
    try (Pinnace first = openWith(earlier)) {
      ready(first.containers().start(spec));
    }
    engine.containers().get("left").stop(); // knows no such driver
    assertThat(driver.calls).isEmpty();
    openWith(driver).close();
    assertThat(driver.calls).containsExactly("unmount data");
  }

  private Path removedWhileItCannotBeUnmounted() {
    Container container = driven.containers().start(waiting().mount(mount()));
    ready(container);
    driver.failing = "unmount";
    container.stop();
    container.remove(true);
    assertThat(driven.containers().list()).isEmpty();
    assertThat(root().resolve("containers").resolve(container.id().hex())).doesNotExist();
    Path left = root().resolve("volumes/.mounted").resolve(container.id().hex());
    assertThat(left).hasContent("data\n");
    return left;
  }

  @Test
  void unmountThatFails_outlivesItsContainer_andIsTriedAgainByEachEngineThatOpens() {
    Path left = removedWhileItCannotBeUnmounted();
    openWith(driver).close();
    assertThat(left).hasContent("data\n");
    driver.failing = "";
    driver.calls.clear();
    openWith(driver).close();
    assertThat(driver.calls).containsExactly("unmount data");
    assertThat(left).doesNotExist();
    openWith(driver).close();
    assertThat(driver.calls).containsExactly("unmount data");
  }

  /** As one whose JVM was killed before the record was gone. */
  @Test
  void removalThatIsCutShort_doesNotHaveItUnmountedOnceItRunsAgain() {
    Container container = driven.containers().start(waiting().mount(mount()));
    ready(container);
    driver.failing = "unmount";
    container.stop();
    FaultPoints.listen(
        point -> {
          if (point.equals("mounts left")) {
            throw new IllegalStateException("cut short");
          }
        });
    try {
      assertThatThrownBy(() -> container.remove(true)).hasMessageContaining("cut short");
    } finally {
      FaultPoints.listen(point -> {});
    }
    Path left = root().resolve("volumes/.mounted").resolve(container.id().hex());
    assertThat(left).hasContent("data\n");
    driver.failing = "";
    driver.calls.clear();
    openWith(driver).close();
    assertThat(driver.calls).containsExactly("unmount data"); // by the container's own list
    assertThat(left).hasContent("data\n");
    container.start();
    ready(container);
    assertThat(left).doesNotExist();
    driver.calls.clear();
    openWith(driver).close();
    assertThat(driver.calls).isEmpty();
  }

  @Test
  void unmountThatFails_keepsTheVolume_untilItIsUnmountedOrForced() {
    Path left = removedWhileItCannotBeUnmounted();
    driver.calls.clear();
    assertThatThrownBy(() -> driven.volumes().get("data").remove())
        .hasMessage("the volume driver shelf cannot unmount volume data: the shelf is full");
    assertThat(names()).containsExactly("data");
    assertThat(left).hasContent("data\n");
    driver.failing = "";
    driven.volumes().get("data").remove();
    assertThat(driver.calls).containsExactly("unmount data", "unmount data", "remove data");
    assertThat(left).doesNotExist();
    left = removedWhileItCannotBeUnmounted();
    driven.volumes().get("data").remove(true);
    assertThat(names()).isEmpty();
    assertThat(left).doesNotExist();
  }

  /** As where the volume was removed by a program that knows nothing of what is mounted. */
  @Test
  void unmountThatFails_isForgotten_whereTheVolumeIsOneOfTheEngineNow() throws Exception {
    Path left = removedWhileItCannotBeUnmounted();
    String entry = Files.readString(left);
    driven.volumes().get("data").remove(true);
    driver.failing = "";
    driven.volumes().create(VolumeSpec.named("data"));
    Files.writeString(left, entry);
    driver.calls.clear();
    openWith(driver).close();
    assertThat(left).doesNotExist();
    assertThat(driver.calls).isEmpty();
  }

  @Test
  void unmountThatFails_isForgotten_whereADamagedVolumeIsRemovedByForce() throws Exception {
    Path left = removedWhileItCannotBeUnmounted();
    Files.writeString(root().resolve("volumes/data/volume.json"), "damaged");
    openWith(driver).close();
    assertThat(left).hasContent("data\n");
    driven.volumes().get("data").remove(true);
    assertThat(left).doesNotExist();
    assertThat(names()).isEmpty();
    Files.delete(shelf.resolve("data"));
  }

  @Test
  void removalThatIsInterrupted_isNone_andTheListStays() {
    VolumeSpec second = VolumeSpec.named("second").withDriver("shelf");
    Container container =
        driven
            .containers()
            .start(waiting().mount(mount()).mount(Mount.volume(second).at("/second")));
    ready(container);
    driver.failing = "unmount";
    container.stop();
    driver.interrupted = true;
    assertThatThrownBy(() -> container.remove(true)).isInstanceOf(CancelledException.class);
    Path id = Path.of(container.id().hex());
    assertThat(root().resolve("containers").resolve(id).resolve("volumes.mounted"))
        .hasContent("data\nsecond\n");
    assertThat(root().resolve("volumes/.mounted").resolve(id)).doesNotExist();
    driver.interrupted = false;
    container.remove(true);
    driver.interrupted = true;
    assertThatThrownBy(() -> driven.volumes().get("data").remove(true))
        .isInstanceOf(CancelledException.class);
    assertThatThrownBy(() -> openWith(driver)).isInstanceOf(CancelledException.class);
    assertThat(root().resolve("volumes/.mounted").resolve(id)).hasContent("data\nsecond\n");
    driver.interrupted = false;
  }

  /**
   * Who is interrupted while a container's volumes go has removed all of them, and has the flag.
   */
  @Test
  void removalOfWhatGoesWithAContainer_isFinished_whoeverIsInterrupted() {
    Mount unnamed = Mount.volume(VolumeSpec.unnamed().withDriver("shelf"));
    Container container =
        driven.containers().create(waiting().mount(unnamed.at("/one")).mount(unnamed.at("/two")));
    assertThat(names()).hasSize(2);
    driver.failing = "remove";
    driver.interruptedOnce = true;
    container.remove(true, true);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(names()).isEmpty();
    assertThat(driver.calls.stream().filter(call -> call.startsWith("remove"))).hasSize(3);
  }

  @Test
  void copyThatCannotBeUnmounted_isTriedAgain(@TempDir Path directory) throws Exception {
    Container container = driven.containers().create(waiting().mount(mount()));
    driver.failing = "unmount";
    container.copyIn(Files.writeString(directory.resolve("file"), "copied"), "/data/file");
    assertThat(children(root().resolve("volumes/.mounted")))
        .filteredOn(file -> !file.endsWith(".lock")) // there since an earlier test, or not
        .hasSize(1);
    driver.failing = "";
    driver.calls.clear();
    openWith(driver).close();
    assertThat(driver.calls).containsExactly("unmount data");
  }

  @Test
  void killedProgram_isUnmounted_andNoLongerListed() {
    Container container = driven.containers().start(waiting().mount(mount()));
    ready(container);
    Path list =
        root().resolve("containers").resolve(container.id().hex()).resolve("volumes.mounted");
    assertThat(list).hasContent("data\n");
    container.kill(Signal.KILL);
    eventually(() -> driver.calls.contains("unmount data"));
    eventually(() -> !Files.exists(list));
  }
}
