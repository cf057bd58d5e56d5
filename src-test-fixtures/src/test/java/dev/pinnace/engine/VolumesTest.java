package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.ScopedContainer;
import dev.pinnace.Volume;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.CorruptException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.StartFailedException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.spec.ContainerFilter;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.DiskUsage;
import dev.pinnace.spec.Mount;
import dev.pinnace.spec.PruneOptions;
import dev.pinnace.spec.PruneReport;
import dev.pinnace.spec.Ready;
import dev.pinnace.spec.VolumeFilter;
import dev.pinnace.spec.VolumeSpec;
import dev.pinnace.spec.VolumeState;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Volumes: made, used by containers, removed. */
class VolumesTest extends VolumeFixture {
  private static final VolumeFilter UNNAMED = VolumeFilter.all().anonymous(true);

  @Test
  void create_isListedAndInspected() {
    Volume volume =
        engine.volumes().create(VolumeSpec.named("data").withLabel("a", "b").withLabel("c", ""));
    VolumeState state = volume.inspect();
    assertThat(state.name()).isEqualTo("data");
    assertThat(state.spec().driver()).isEqualTo("local");
    assertThat(state.spec().labels()).isEqualTo(Map.of("a", "b", "c", ""));
    assertThat(state.path()).contains(data("data"));
    assertThat(state.containers()).isEmpty();
    assertThat(data("data")).isEmptyDirectory();
    assertThat(engine.volumes().find("data")).contains(volume);
    assertThat(engine.volumes().find("dat")).isEmpty();
    assertThat(engine.volumes().find("../volumes/data")).isEmpty();
    assertThat(engine.volumes().list(VolumeFilter.all().label("a", "b"))).containsExactly(state);
    assertThat(engine.volumes().list(VolumeFilter.all().label("a", "c"))).isEmpty();
    assertThat(engine.volumes().list(VolumeFilter.all().withoutLabel("a", ""))).isEmpty();
    assertThat(engine.volumes().list(VolumeFilter.all().nameContaining("at"))).hasSize(1);
    assertThat(engine.volumes().list(VolumeFilter.all().driver("other"))).isEmpty();
    assertThat(engine.volumes().list(VolumeFilter.all().dangling(false))).isEmpty();
    assertThat(engine.volumes().list(UNNAMED)).isEmpty();
  }

  @Test
  void create_again_isTheSameOrAConflict() throws Exception {
    VolumeSpec spec = VolumeSpec.named("data").withLabel("a", "b");
    engine.volumes().create(spec);
    Files.writeString(data("data").resolve("file"), "kept");
    engine.volumes().create(spec);
    assertThat(data("data").resolve("file")).hasContent("kept");
    assertThatThrownBy(() -> engine.volumes().create("data"))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("{a=b}");
  }

  @Test
  void volumeBelowASharedBind_isRefused_whereverItComesFrom() {
    Mount shared = Mount.bind(root()).at("/srv").with("shared");
    imageOf("wants:1", "exit 0", "VOLUME /srv/data");
    assertThatThrownBy(() -> engine.containers().create(of("wants:1", "exit 0").mount(shared)))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("/srv/data would be mounted on the host too");
    List<Mount> fromElsewhere = List.of(Mount.volume("data").at("/srv/data"), shared);
    assertThatThrownBy(() -> waiting().build().withMounts(fromElsewhere))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("/srv/data would be mounted on the host too");
    assertThatThrownBy(() -> waiting().mount(Mount.volume("data").at("/v").with("rshared")))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("only a bind can");
    assertThat(names()).isEmpty();
  }

  /** One container makes the link, another is to have a mount there. */
  @Test
  void linkInAVolume_toTheRootOrToProc_leadsNoMountThere() {
    Mount volume = Mount.volume("links").at("/m");
    run(shell("busybox ln -s / /m/root; busybox ln -s ../proc/sys /m/proc").mount(volume));
    for (String link : List.of("/m/root", "/m/proc")) {
      ContainerSpecBuilder spec =
          shell("exit 0").mount(volume).mount(Mount.volume("other").at(link));
      assertThatThrownBy(() -> engine.containers().run(spec))
          .isInstanceOf(StartFailedException.class)
          .hasMessageContaining("a symbolic link leads it to / or into /proc");
    }
  }

  @Test
  void labelsOfAnyLength_areReadBack() {
    VolumeSpec spec = VolumeSpec.named("data").withLabel("k".repeat(60_000), "v");
    assertThat(engine.volumes().create(spec).inspect().spec()).isEqualTo(spec);
  }

  /** Whether it counts as ready, or its end is seen first. */
  @Test
  void readyAndEndedAtOnce_goesWithItsVolumes() {
    for (int round = 0; round < 10; round++) {
      ContainerSpecBuilder brief =
          shell("echo up; exec busybox sleep 0.0" + round)
              .autoRemove()
              .mount(Mount.anonymousVolume().at("/v"))
              .ready(Ready.logLine("up"));
      try {
        engine.containers().start(brief);
      } catch (StartFailedException ended) {
        assertThat(ended).hasMessageContaining("ended, with exit code 0, before it was ready");
      }
      eventually(() -> engine.containers().list().isEmpty() && names().isEmpty());
    }
  }

  @Test
  void create_ofWhatNoDriverCan_isRefused() {
    assertThatThrownBy(() -> engine.volumes().create(VolumeSpec.named("data").withDriver("nfs")))
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining("no volume driver \"nfs\"");
    VolumeSpec sized = VolumeSpec.named("data").withOption("size", "1g");
    assertThatThrownBy(() -> engine.volumes().create(sized))
        .isInstanceOf(UnsupportedException.class)
        .hasMessageContaining("the size of volume data");
    assertThatThrownBy(
            () -> engine.containers().create(waiting().mount(Mount.volume(sized).at("/v"))))
        .isInstanceOf(UnsupportedException.class);
    assertThat(names()).isEmpty();
  }

  @Test
  void remove_usedByAStoppedContainer_namesIt() {
    Container one = engine.containers().create(waiting().name("one").mount(data()));
    engine.containers().create(waiting().name("two").mount(data()));
    Volume volume = engine.volumes().get("data");
    assertThat(volume.inspect().containers()).containsExactly("one", "two");
    assertThatThrownBy(() -> volume.remove(true))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("volume data is used by the containers one, two");
    one.remove(false, true);
    engine.containers().get("two").remove(false);
    volume.remove();
    assertThatThrownBy(volume::remove).isInstanceOf(NotFoundException.class);
    volume.remove(true);
    assertThatThrownBy(volume::inspect).isInstanceOf(NotFoundException.class);
    assertThat(root().resolve("volumes/data")).doesNotExist();
  }

  private static Mount data() {
    return Mount.volume("data").at("/data");
  }

  @Test
  void data_outlivesItsContainersAndIsShared() {
    run(shell("echo one >/data/file").mount(data()));
    Container reader =
        ready(
            engine
                .containers()
                .start(
                    shell("echo ready; until [ -e /data/two ]; do busybox sleep 0.02; done")
                        .mount(data())));
    assertThat(run(shell("cat /data/file; >/data/two").mount(data()))).isEqualTo("one\n");
    assertThat(reader.await().code()).isZero();
    assertThatThrownBy(() -> run(shell(">/data/three").mount(data().asReadOnly())))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("Read-only file system");
  }

  @Test
  void anonymous_goWithTheContainerOnRequest() {
    Container kept = engine.containers().create(waiting().mount(unnamed("/a")).mount(data()));
    Mount mounted = kept.inspect().mounts().get(0);
    String name = mounted.volume().flatMap(VolumeSpec::name).orElseThrow();
    assertThat(name).matches("[0-9a-f]{64}");
    assertThat(mounted.source()).contains(data(name));
    assertThat(kept.inspect().spec().mounts().get(0).volume().flatMap(VolumeSpec::name)).isEmpty();
    kept.remove(false);
    assertThat(names()).containsExactlyInAnyOrder(name, "data");
    engine.containers().create(waiting().mount(unnamed("/a"))).remove(false, true);
    assertThat(names()).containsExactlyInAnyOrder(name, "data");
    PruneReport report = engine.volumes().prune(UNNAMED);
    assertThat(report.volumes()).containsExactly(name);
    assertThat(names()).containsExactly("data");
  }

  private static Mount unnamed(String target) {
    return Mount.anonymousVolume().at(target);
  }

  @Test
  void anonymous_goWithWhatIsRemovedAtItsEnd() {
    run(shell(">/a/file").mount(unnamed("/a")));
    eventually(() -> names().isEmpty());
    try (ScopedContainer scoped = engine.containers().scoped(waiting().mount(unnamed("/a")))) {
      assertThat(names()).hasSize(1);
      assertThat(scoped.inspect().mounts()).hasSize(1);
    }
    assertThat(names()).isEmpty();
    Container fleeting = engine.containers().start(waiting().autoRemove().mount(unnamed("/a")));
    fleeting.stop();
    eventually(() -> names().isEmpty());
  }

  @Test
  void anonymous_ofAStartThatFails_areGone() {
    assertThatThrownBy(
            () ->
                engine
                    .containers()
                    .start(
                        dev.pinnace.spec.ContainerSpec.image(IMAGE)
                            .command("/nothing")
                            .mount(unnamed("/a"))))
        .hasMessageContaining("nothing");
    assertThat(names()).isEmpty();
  }

  @Test
  void explain_makesNone() {
    assertThat(engine.containers().explain(waiting().mount(data()).build())).contains("data");
    assertThat(names()).isEmpty();
  }

  @Test
  void imagesVolumes_areAnonymousUnlessSomethingIsThere() {
    imageOf(
        "withvolumes:1",
        "busybox mkdir -p /v/one /v/two; echo image >/v/one/file; busybox chown 12:34 /v/one;"
            + " busybox chmod 1750 /v/one",
        "VOLUME /v/one /v/two/ /v/new");
    Container container =
        engine
            .containers()
            .create(
                of(
                        "withvolumes:1",
                        "busybox stat -c '%a %u:%g' /v/one; cat /v/one/file; busybox ls -ld /v/new")
                    .mount(Mount.tmpfs().at("/v/two")));
    List<Mount> mounts = container.inspect().mounts();
    assertThat(mounts).extracting(Mount::target).containsExactly("/v/two", "/v/new", "/v/one");
    assertThat(mounts).extracting(Mount::kind).startsWith(Mount.Kind.TMPFS);
    assertThat(container.inspect().spec().mounts()).hasSize(1);
    container.start();
    assertThat(container.await().code()).as(container.logs().text()).isZero();
    assertThat(container.logs().text()).startsWith("1750 12:34\nimage\ndrwxr-xr-x");
    assertThat(engine.volumes().list(UNNAMED)).hasSize(2);
    container.remove(false, true);
    assertThat(names()).isEmpty();
  }

  @Test
  void imagesVolumes_overWhatTheKernelShows_areRefused() {
    for (String place : List.of("/proc", "/proc/self", "/sys", "/", "/x/..")) {
      imageOf("evil:1", "true", "VOLUME " + place);
      assertThatThrownBy(() -> engine.containers().create(of("evil:1", "true")))
          .as(place)
          .isInstanceOf(InvalidSpecException.class)
          .hasMessageContaining("the image evil:1 wants a volume that cannot be");
      engine.images().remove("evil:1", true);
    }
    assertThat(engine.containers().list(ContainerFilter.all())).isEmpty();
  }

  @Test
  void volumesFrom_hasBindsAndVolumesInTheirPlaces() throws Exception {
    engine
        .containers()
        .create(
            waiting()
                .name("one")
                .mount(data())
                .mount(unnamed("/a"))
                .mount(Mount.volume("other").at("/ro").asReadOnly())
                .mount(Mount.bind(PLACE.directory()).at("/bind"))
                .mount(Mount.tmpfs().at("/memory")));
    Files.writeString(data("data").resolve("file"), "one");
    Container two =
        engine
            .containers()
            .create(waiting().name("two").volumesFrom("one").mount(Mount.tmpfs().at("/bind")));
    assertThat(two.inspect().mounts())
        .extracting(Mount::target)
        .containsExactlyInAnyOrder("/data", "/a", "/ro", "/bind");
    assertThat(two.inspect().mounts())
        .filteredOn(mount -> mount.target().equals("/bind"))
        .extracting(Mount::kind)
        .containsExactly(Mount.Kind.TMPFS);
    Container three = engine.containers().start(waiting().name("three").volumesFromReadOnly("one"));
    assertThat(three.inspect().mounts()).allMatch(Mount::readOnly);
    assertThat(three.execute("busybox", "cat", "/data/file").stdout()).isEqualTo("one");
    assertThat(three.execute("busybox", "touch", "/data/x").exitCode()).isNotZero();
    two.start();
    assertThat(two.execute("busybox", "touch", "/data/x").exitCode()).isZero();
    assertThat(two.execute("busybox", "touch", "/ro/x").exitCode()).isNotZero();
    engine.containers().get("one").remove(true, true);
    assertThat(engine.volumes().list(UNNAMED)).hasSize(1);
    two.remove(true, true);
    assertThat(engine.volumes().list(UNNAMED)).hasSize(1);
    three.remove(true, true);
    assertThat(engine.volumes().list(UNNAMED)).isEmpty();
    assertThat(names()).containsExactly("data", "other");
    assertThatThrownBy(() -> engine.containers().create(waiting().volumesFrom("one")))
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining("there is no container \"one\"");
  }

  @Test
  void prune_leavesWhatIsUsed() {
    engine.volumes().create(VolumeSpec.named("free").withLabel("a", "b"));
    engine.volumes().create("other");
    engine.containers().create(waiting().name("user").mount(data()).mount(unnamed("/a")));
    assertThat(engine.volumes().prune(VolumeFilter.all().label("a", "b")).volumes())
        .containsExactly("free");
    assertThat(engine.prune(PruneOptions.DEFAULTS.withLabel("no", "thing").withVolumes()).volumes())
        .isEmpty();
    assertThat(engine.volumes().prune(VolumeFilter.all()).volumes()).containsExactly("other");
    assertThat(names()).hasSize(2);
    PruneReport all = engine.prune(PruneOptions.DEFAULTS.withVolumes());
    assertThat(all.containers()).hasSize(1);
    assertThat(all.volumes()).hasSize(1);
    assertThat(names()).containsExactly("data");
  }

  @Test
  void diskUsage_hasVolumes() throws Exception {
    engine.containers().create(waiting().name("user").mount(data()));
    Files.write(data("data").resolve("file"), new byte[1 << 20]);
    engine.volumes().create("free");
    DiskUsage usage = engine.diskUsage();
    assertThat(usage.volumes()).hasSize(2);
    assertThat(usage.volumesTotal().count()).isBetween(1L << 20, 1L << 21);
    assertThat(usage.volumesReclaimable().count()).isLessThan(1 << 20);
    assertThat(engine.volumes().get("data").size().count()).isBetween(1L << 20, 1L << 21);
  }

  @Test
  void record_thatIsDamaged_isSaidAndCanBeRemovedByForce() throws Exception {
    Volume volume = engine.volumes().create("data");
    engine.volumes().create("other");
    Files.writeString(root().resolve("volumes/data/volume.json"), "{");
    assertThatThrownBy(volume::inspect)
        .isInstanceOf(CorruptException.class)
        .hasMessageContaining("volumes/data/volume.json is damaged");
    assertThat(names()).containsExactly("other");
    assertThatThrownBy(() -> engine.containers().create(waiting().mount(data())))
        .isInstanceOf(CorruptException.class);
    assertThatThrownBy(volume::remove).isInstanceOf(CorruptException.class);
    volume.remove(true);
    assertThat(engine.volumes().find("data")).isEmpty();
  }

  @Test
  void start_withoutItsVolume_saysSo() throws Exception {
    Container container = engine.containers().create(waiting().name("user").mount(data()));
    Files.move(root().resolve("volumes/data"), PLACE.directory().resolve("moved"));
    assertThatThrownBy(container::start)
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining("volume data of container user is gone");
    assertThat(names()).isEmpty();
  }

  @Test
  void remove_inAnotherEngine_seesTheUsersOfThis() {
    engine.containers().create(waiting().name("user").mount(data()));
    try (Pinnace other = engine()) {
      assertThatThrownBy(() -> other.volumes().get("data").remove())
          .isInstanceOf(ConflictException.class)
          .hasMessageContaining("container user");
      other.containers().get("user").remove(true);
      other.volumes().get("data").remove();
    }
    assertThat(names()).isEmpty();
  }
}
