package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.Volume;
import dev.pinnace.fixtures.leaks.LeakCheck;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.spec.Mount;
import dev.pinnace.spec.VolumeFilter;
import dev.pinnace.spec.VolumeSpec;
import dev.pinnace.spec.VolumeState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills the JVM at every write of the state of volumes: a volume is whole then or not there, those
 * of a container are all there, and nothing of what did not come about is left.
 */
@Needs({"root", "busybox"})
class VolumeCrashTest {
  private static final String PROGRAM = "exit 0";

  @RegisterExtension static final LeakCheck PLACE = new LeakCheck();

  private Set<String> image = Set.of();

  @BeforeEach
  void makeImage() {
    try (Pinnace engine = PLACE.open()) {
      engine.images().host("busybox").named(EngineFixture.IMAGE).build();
      engine.containers().create(EngineFixture.shell(PROGRAM).mount(etc())).remove(false);
      image = names(data("data"));
      assertThat(image).contains("passwd", "group");
      engine.volumes().get("data").remove();
    }
  }

  private static Mount etc() {
    return Mount.volume("data").at("/etc");
  }

  private static Path volumes() {
    return PLACE.root().resolve("volumes");
  }

  private static Path data(String name) {
    return volumes().resolve(name).resolve("_data");
  }

  private static Set<String> names(Path directory) {
    return new TreeSet<>(List.of(directory.toFile().list()));
  }

  @Test
  void create_withVolumes() throws IOException {
    everyPoint(List.of(), List.of("create", "cc", "bound,volumes", PROGRAM));
  }

  @Test
  void create_withVolumes_removedAtItsEnd() throws IOException {
    everyPoint(List.of(), List.of("start", "cc", "bound,fleeting,volumes", PROGRAM));
  }

  @Test
  void remove_withVolumes() throws IOException {
    everyPoint(
        List.of("create", "cc", "bound,volumes", PROGRAM), List.of("remove-with-volumes", "cc"));
  }

  @Test
  void remove_withoutVolumes_keepsThem() throws IOException {
    everyPoint(List.of("create", "cc", "bound,volumes", PROGRAM), List.of("remove", "cc"));
  }

  @Test
  void makeAndRemoveVolumes() throws IOException {
    everyPoint(List.of(), List.of("make-volume", "data"));
    everyPoint(List.of("make-volume", "data"), List.of("remove-volume", "data"));
    everyPoint(List.of("make-volume", "data"), List.of("prune-volumes"));
  }

  @Test
  void create_withAVolumeThatIsBoundFromElsewhere(@TempDir Path elsewhere) throws IOException {
    boolean halted = true;
    int point = 0;
    while (halted) {
      point++;
      Path device = Files.createDirectory(elsewhere.resolve("device-" + point));
      try (Pinnace engine = PLACE.open()) {
        VolumeSpec bind = VolumeSpec.named("data").withOption("type", "none");
        engine
            .volumes()
            .create(bind.withOption("device", device.toString()).withOption("o", "bind"));
      }
      try (Peer peer = Peer.start(PLACE.root(), PLACE.run())) {
        assertThat(peer.ask("halt-at-point", Integer.toString(point))).isEqualTo("ok");
        String said = peer.ask("create", "cc", "bound,volumes", PROGRAM);
        assertThat(said).doesNotStartWith("failed");
        halted = said.startsWith("halted");
        peer.kill();
        try (Pinnace engine = PLACE.open()) {
          assertThat(image).as(said).containsAll(names(device)); // a part is left, as it is
          Optional<Container> container = engine.containers().find("cc");
          if (container.isPresent()) {
            assertThat(names(device)).as(said).isEqualTo(image);
            container.get().remove(true, true);
          }
          engine.volumes().prune(VolumeFilter.all());
          assertThat(engine.volumes().list(VolumeFilter.all())).as(said).isEmpty();
        }
      }
    }
    assertThat(point).isGreaterThan(5);
  }

  /** Without what a start makes for the files that are mounted in /etc. */
  private static Set<String> files() {
    Set<String> files = names(data("data"));
    files.removeAll(Set.of("hosts", "hostname", "resolv.conf"));
    return files;
  }

  @Test
  void twoJvms_makeContainersWithOneNewVolumeAtOnce() {
    try (Peer one = Peer.start(PLACE.root(), PLACE.run());
        Peer two = Peer.start(PLACE.root(), PLACE.run())) {
      for (int round = 0; round < 5; round++) {
        one.say("create", "c1", "bound,volumes", PROGRAM);
        two.say("create", "c2", "bound,volumes", PROGRAM);
        assertThat(one.hear()).hasSize(64);
        assertThat(two.hear()).hasSize(64);
        assertThat(files()).isEqualTo(image);
        assertThat(one.ask("remove-volume", "data")).contains("is used by the containers c1, c2");
        one.say("remove-with-volumes", "c1");
        two.say("remove-with-volumes", "c2");
        assertThat(one.hear()).isEqualTo("ok");
        assertThat(two.hear()).isEqualTo("ok");
        assertThat(withoutDrafts()).containsExactly("data");
        assertThat(two.ask("remove-volume", "data")).isEqualTo("ok");
      }
    }
  }

  private void everyPoint(List<String> before, List<String> work) throws IOException {
    int point = 1;
    while (crashAtPoint(point, before, work)) {
      point++;
    }
    assertThat(point).as("points of %s", work).isGreaterThan(2);
  }

  private boolean crashAtPoint(int point, List<String> before, List<String> work)
      throws IOException {
    String said;
    try (Peer peer = Peer.start(PLACE.root(), PLACE.run())) {
      if (!before.isEmpty()) {
        assertThat(peer.ask(before.toArray(String[]::new))).doesNotStartWith("failed");
        Files.writeString(data("data").resolve("written"), "by a container");
      }
      assertThat(peer.ask("halt-at-point", Integer.toString(point))).isEqualTo("ok");
      said = peer.ask(work.toArray(String[]::new));
      assertThat(said).doesNotStartWith("failed");
      peer.kill();
    }
    verify(work + ", " + said, work.get(0), before.isEmpty());
    return said.startsWith("halted");
  }

  /** The next engine finds whole volumes, and can remove what there is. */
  private void verify(String what, String work, boolean isNew) throws IOException {
    try (Pinnace engine = PLACE.open()) {
      assertThat(names(volumes().resolve(".drafts"))).as(what).isEmpty();
      List<VolumeState> found = engine.volumes().list(VolumeFilter.all());
      Set<String> there = found.stream().map(VolumeState::name).collect(Collectors.toSet());
      assertThat(there).as(what).isEqualTo(withoutDrafts());
      for (VolumeState volume : found) {
        Path directory = volumes().resolve(volume.name());
        assertThat(directory.resolve("filled")).as(what).doesNotExist();
        assertThat(data(volume.name())).as(what).isDirectory();
      }
      Optional<Container> container = engine.containers().find("cc");
      Set<String> used =
          container
              .map(
                  cc ->
                      cc.inspect().mounts().stream()
                          .map(mount -> mount.volume().flatMap(VolumeSpec::name).orElseThrow())
                          .collect(Collectors.toSet()))
              .orElse(Set.of());
      assertThat(there).as(what).containsAll(used);
      if (container.isPresent() && isNew) {
        assertThat(files()).as(what).isEqualTo(image);
      }
      if (container.isEmpty() && !work.equals("remove")) {
        assertThat(found).as(what).noneMatch(volume -> volume.spec().anonymous());
      }
      if (work.equals("remove")) {
        assertThat(there).as(what).hasSize(2);
      }
      if (there.contains("data")) {
        whole(what, isNew);
      }
      container.ifPresent(cc -> cc.remove(true, true));
      engine.volumes().find("data").ifPresent(Volume::remove);
      engine.volumes().prune(VolumeFilter.all());
    }
    assertThat(names(volumes())).as(what).containsExactly(".drafts", ".mounted");
    assertThat(names(volumes().resolve(".mounted"))).as(what).isEmpty();
    assertThat(names(volumes().resolve(".drafts"))).as(what).isEmpty();
  }

  private static Set<String> withoutDrafts() {
    Set<String> names = names(volumes());
    names.removeAll(Set.of(".drafts", ".mounted"));
    return names;
  }

  /** What was written is there; a new one is empty or has all that the image has. */
  private void whole(String what, boolean isNew) throws IOException {
    if (isNew) {
      assertThat(files()).as(what).isIn(Set.of(), image);
    } else {
      assertThat(data("data").resolve("written")).as(what).hasContent("by a container");
    }
  }
}
