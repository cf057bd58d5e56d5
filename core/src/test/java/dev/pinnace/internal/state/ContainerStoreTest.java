package dev.pinnace.internal.state;

import static dev.pinnace.spec.ContainerSpec.image;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.CorruptException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.TimedOutException;
import dev.pinnace.internal.container.ConfigFactory;
import dev.pinnace.internal.container.Users;
import dev.pinnace.internal.durable.FaultPoints;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.LockFile;
import dev.pinnace.oci.ExecutionConfig;
import dev.pinnace.oci.RuntimeConfig;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.ContainerPort;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.HealthSpec;
import dev.pinnace.spec.Limits;
import dev.pinnace.spec.LogSpec;
import dev.pinnace.spec.Mount;
import dev.pinnace.spec.PortBinding;
import dev.pinnace.spec.PortMapping;
import dev.pinnace.spec.RestartPolicy;
import dev.pinnace.spec.Signal;
import dev.pinnace.spec.Ulimit;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Records, names and directories of containers; the root's format. */
class ContainerStoreTest {
  private static final ContainerId ONE = new ContainerId("1".repeat(64));
  private static final ContainerId TWO = new ContainerId("2".repeat(64));

  @TempDir private Path directory;
  private RootLayout layout;
  private ContainerStore store;

  @BeforeEach
  void open() {
    layout = layout();
    store = new ContainerStore(layout);
  }

  private RootLayout layout() {
    return RootLayout.open(
        Optional.of(directory.resolve("root")), Optional.of(directory.resolve("run")), uid());
  }

  private int uid() {
    try {
      return (Integer) Files.getAttribute(directory, "unix:uid");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void name_givenUpWhileSomebodyWantsIt_isTheirs() {
    store.begin(ONE).close();
    ContainerRecord two = record(TWO, image("i").name("name"));
    store.begin(TWO).close();
    store.write(two);
    FaultPoints.listen(
        point -> {
          if (point.equals("name refused")) {
            store.names().free("web", ONE);
          }
        });
    assertThat(store.names().take("web", ONE)).isTrue();
    assertThat(store.names().change(two, "web")).isPresent();
    store.names().free("web", TWO);
    assertThat(store.names().take("web", ONE)).isTrue();
    assertThat(store.names().take("web", TWO)).isTrue();
    assertThat(store.names().take("web", ONE)).as("nobody gives it up").isFalse();
  }

  @Test
  void write_whatIsWritten_canBeRead() {
    String name = "x".repeat(60_000);
    store.begin(ONE).close();
    store.write(record(ONE, image("i").name("web").label(name, name)));
    try (ContainerStore other = new ContainerStore(layout)) {
      assertThat(other.read(ONE).orElseThrow().spec().labels()).containsEntry(name, name);
    }
    ContainerRecord half = record(ONE, image("i").name("web").label("x", "\ud83d"));
    assertThatThrownBy(() -> store.write(half))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("half of a surrogate pair");
    store.write(record(ONE, image("i").name("web").label("x", "\ud83d\ude00")));
  }

  @Test
  void disown_afterTheStoreIsClosed_leavesALeftoverToOthers() {
    store.begin(ONE).close();
    store.write(record(ONE, image("i").name("lost")));
    store.begin(TWO).close();
    store.write(record(TWO, image("i").name("fleeting").autoRemove()));
    store.close();
    store.disown(ONE);
    store.disown(TWO);
    store.disown(TWO);
    try (ContainerStore other = new ContainerStore(layout)) {
      assertThat(other.isRecorded(ONE) || other.isRecorded(TWO)).isFalse();
      assertThat(other.ids()).containsExactlyInAnyOrder(ONE, TWO);
    }
  }

  @AfterEach
  void close() {
    store.close();
    FaultPoints.listen(point -> {});
  }

  private static ContainerRecord record(ContainerId id, ContainerSpecBuilder spec) {
    ExecutionConfig says =
        new ExecutionConfig(
            "",
            List.of(),
            List.of("/entry"),
            List.of(),
            "",
            new TreeSet<>(),
            new TreeSet<>(),
            Map.of(),
            Optional.empty(),
            Optional.empty(),
            List.of(),
            List.of());
    return new ContainerRecord(
        id,
        "name",
        Digest.parse("sha256:" + "a".repeat(64)),
        Optional.of(Digest.parse("sha256:" + "b".repeat(64))),
        spec.build(),
        List.of(Mount.volume("data").at("/v")),
        new ConfigFactory(spec.build(), says, Set.of("CAP_CHOWN"), true)
            .create(id, new Users.Identity(1, 2, List.of(3L), "/h")),
        Signal.QUIT,
        Optional.of(HealthSpec.command("x").withInterval(Duration.ofMillis(5)).withRetries(2)),
        Instant.ofEpochSecond(1_700_000_000, 123_456_789),
        true,
        false,
        List.of(
            new PublishedPort(
                PortMapping.of(8080, 80).at("127.0.0.1"),
                List.of(new PortBinding("127.0.0.1", 8080, ContainerPort.tcp(80))))),
        Optional.of("c".repeat(32)));
  }

  @Test
  void limited_isReadBack_andAllElseIsAsItWas() {
    ContainerRecord before = record(ONE, everything());
    Limits limits = Limits.builder().memory(Bytes.mebi(48)).cpus(0.25).pids(7).build();
    RuntimeConfig.Resources resources =
        new RuntimeConfig.Resources(
            Map.of("pids.max", "7"), before.config().linux().resources().cgroupDevices());
    ContainerRecord after = before.limited(limits, resources);
    store.begin(ONE).close();
    store.write(after);
    try (ContainerStore other = new ContainerStore(layout)) {
      ContainerRecord read = other.read(ONE).orElseThrow();
      assertThat(read).isEqualTo(after);
      assertThat(read.spec().limits()).isEqualTo(limits);
      assertThat(read.config().linux().resources()).isEqualTo(resources);
      assertThat(read.limited(before.spec().limits(), before.config().linux().resources()))
          .isEqualTo(before);
    }
  }

  private static ContainerSpecBuilder everything() {
    return image("some/image:tag")
        .name("name")
        .label("k", "v")
        .entrypoint("/e", "x")
        .command("a", "é\n")
        .env("E", "1")
        .workdir("/w")
        .user("1:2")
        .groups("3")
        .init()
        .ulimit(Ulimit.parse("nofile=1:2"))
        .oomScoreAdj(5)
        .mount(Mount.tmpfs().at("/t").with("size=1m"))
        .mount(Mount.bind(Path.of("/tmp")).at("/b").asReadOnly())
        .readOnly()
        .memory(Bytes.mebi(32))
        .unlimitedSwap()
        .cpus(0.5)
        .pids(9)
        .ioMax("8:0 rbps=1")
        .capAdd("CHOWN")
        .seccomp("{}")
        .noNewPrivileges()
        .userMap(100_000, 100_000, 65_536)
        .timeOffset("monotonic", 7)
        .hostname("h")
        .extraHost("x", "1.2.3.4")
        .dns("1.1.1.1")
        .sysctl("net.core.somaxconn", "5")
        .detached()
        .restart(RestartPolicy.onFailure(3))
        .stopSignal(Signal.INT)
        .stopTimeout(Duration.ofMillis(1234))
        .timeout(Duration.ofSeconds(60))
        .log(new LogSpec(Bytes.kibi(64), 2));
  }

  @Test
  void record_roundTrip() {
    ContainerSpecBuilder more =
        everything()
            .ioWeight("8:0", 200)
            .hugePages(Bytes.mebi(2), Bytes.mebi(4))
            .apparmor("some profile")
            .cgroupParent("a/b");
    for (ContainerSpecBuilder spec : List.of(everything(), more, image("x"))) {
      ContainerRecord record = record(ONE, spec);
      assertThat(RecordCodec.decode(RecordCodec.encode(record), "test")).isEqualTo(record);
    }
  }

  @Test
  void record_asOnceWrittenByDatabind_isRead() throws IOException {
    ContainerRecord old;
    try (InputStream in = getClass().getResourceAsStream("record.json")) {
      old = RecordCodec.decode(in.readAllBytes(), "record.json");
    }
    assertThat(RecordCodec.decode(RecordCodec.encode(old), "test")).isEqualTo(old);
    ContainerRecord now = record(ONE, everything());
    assertThat(old.spec()).isEqualTo(now.spec());
    // What it says of capabilities is what was decided when it was made.
    assertThat(old.config().process().capabilities().effective()).containsExactly("CAP_CHOWN");
    assertThat(old.config().process())
        .usingRecursiveComparison()
        .ignoringFields("capabilities")
        .isEqualTo(now.config().process());
    assertThat(old.config().linux().uidMappings()).isEqualTo(now.config().linux().uidMappings());
    assertThat(old.created()).isEqualTo(now.created());
    assertThat(old.stopSignal()).isEqualTo(now.stopSignal());
  }

  @Test
  void record_ofWrongTypes_isDamaged_withThePlace() {
    String json = new String(RecordCodec.encode(record(ONE, image("x"))), StandardCharsets.UTF_8);
    Map.of(
            "\"started\":true", "\"started\":1",
            "\"name\":\"name\"", "\"name\":null",
            "\"umask\":18", "\"umask\":4294967296",
            "\"network\":\"NONE\"", "\"network\":\"NOWHERE\"",
            "\"mounts\":[]", "\"mounts\":{}",
            "\"stopTimeout\":\"PT10S\"", "\"stopTimeout\":\"soon\"")
        .forEach(
            (right, wrong) -> {
              assertThat(json).contains(right);
              assertThatThrownBy(
                      () ->
                          RecordCodec.decode(
                              json.replace(right, wrong).getBytes(StandardCharsets.UTF_8), "file"))
                  .isInstanceOf(CorruptException.class)
                  .hasMessageContaining("file is damaged")
                  .hasMessageContaining(right.substring(1, right.indexOf('"', 1)));
            });
  }

  @Test
  void record_unknownField_isIgnored_damage_isNamed() {
    String json = new String(RecordCodec.encode(record(ONE, image("x"))), StandardCharsets.UTF_8);
    byte[] newer = json.replaceFirst("\\{", "{\"later\":[1],").getBytes(StandardCharsets.UTF_8);
    assertThat(RecordCodec.decode(newer, "test").id()).isEqualTo(ONE);
    byte[] cut = json.substring(0, json.length() / 2).getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> RecordCodec.decode(cut, "the-file"))
        .isInstanceOf(CorruptException.class)
        .hasMessageContaining("the-file");
  }

  @Test
  void write_keptOnDisk_otherwiseInTheRunDirectory() {
    try (LockFile one = store.begin(ONE);
        LockFile two = store.begin(TWO)) {
      store.write(record(ONE, image("x")));
      store.write(record(TWO, image("x").autoRemove()));
    }
    assertThat(layout.container(ONE).resolve("container.json")).exists();
    assertThat(layout.run(TWO).resolve("container.json")).exists();
    assertThat(layout.container(TWO).resolve("container.json")).doesNotExist();
    assertThat(store.read(ONE).orElseThrow().id()).isEqualTo(ONE);
    assertThat(store.read(TWO).orElseThrow().id()).isEqualTo(TWO);
    assertThat(store.ids()).containsExactly(ONE, TWO);
  }

  @Test
  void remembered_isWhatWasWrittenOrRead_untilItIsRemoved() {
    assertThat(store.remembered(ONE)).isEmpty();
    try (LockFile held = store.begin(ONE)) {
      ContainerRecord record = record(ONE, image("x").autoRemove());
      store.write(record);
      assertThat(store.remembered(ONE)).containsSame(record);
      try (ContainerStore other = new ContainerStore(layout)) {
        assertThat(other.remembered(ONE)).isEmpty();
        ContainerRecord read = other.read(ONE).orElseThrow();
        assertThat(other.remembered(ONE)).containsSame(read);
      }
      store.remove(ONE, Optional.empty(), () -> {});
    }
    assertThat(store.remembered(ONE)).isEmpty();
  }

  @Test
  void names_areUnique_staleOnesCanBeTaken() {
    try (LockFile one = store.begin(ONE);
        LockFile two = store.begin(TWO)) {
      assertThat(store.names().take("web", ONE)).isTrue();
      assertThat(store.names().take("web", TWO)).isFalse();
      store.names().free("web", TWO);
      assertThat(store.names().find("web")).contains(ONE);
      store.remove(ONE, Optional.empty(), () -> {});
      assertThat(store.names().take("web", TWO)).as("its container is gone").isTrue();
      assertThat(store.names().find("web")).contains(TWO);
    }
  }

  @Test
  void sweep_removesStaleOnesOnly() {
    try (LockFile one = store.begin(ONE)) {
      assertThat(store.names().take("here", ONE)).isTrue();
      assertThat(store.names().take("gone", TWO)).isTrue();
      store.names().sweep();
      assertThat(store.names().find("here")).contains(ONE);
      assertThat(store.names().find("gone")).isEmpty();
    }
  }

  @Test
  void lock_excludesAndKnowsWhatIsGone() {
    assertThatThrownBy(() -> store.lock(ONE)).isInstanceOf(NotFoundException.class);
    assertThat(layout.run(ONE)).doesNotExist();
    try (LockFile held = store.begin(ONE)) {
      assertThat(store.tryLock(ONE)).isEmpty();
      assertThatThrownBy(() -> store.lock(ONE, Duration.ofMillis(1)))
          .isInstanceOf(TimedOutException.class)
          .hasMessageEndingWith("somebody else changes it");
    }
    try (LockFile held = store.lock(ONE)) {
      store.remove(ONE, Optional.empty(), () -> {});
    }
    assertThatThrownBy(() -> store.lock(ONE)).isInstanceOf(NotFoundException.class);
    assertThat(store.ids()).isEmpty();
  }

  @Test
  void tryLock_nothingThere_makesNothing() {
    assertThat(store.tryLock(ONE)).isEmpty();
    assertThat(layout.run(ONE)).doesNotExist();
    assertThat(store.ids()).isEmpty();
  }

  @Test
  void tryLock_directoryWithoutLockFile_isRemoved() throws IOException {
    Files.createDirectory(layout.run(ONE));
    assertThat(store.tryLock(ONE)).isEmpty();
    assertThat(store.ids()).isEmpty();
  }

  @Test
  void tryLock_afterAReboot_makesTheRunDirectoryAnew() throws IOException {
    Files.createDirectory(layout.container(ONE));
    try (LockFile held = store.tryLock(ONE).orElseThrow()) {
      assertThat(store.tryLock(ONE)).isEmpty();
      store.remove(ONE, Optional.empty(), () -> {});
    }
    assertThat(store.ids()).isEmpty();
  }

  @Test
  void lock_ofARemovedContainer_isNotTheNextOnes() throws Exception {
    ExecutorService waiter = Executors.newSingleThreadExecutor();
    try {
      AtomicBoolean freed = new AtomicBoolean();
      Future<Boolean> freedBefore;
      LockFile next;
      try (LockFile first = store.begin(ONE)) {
        freedBefore =
            waiter.submit(
                () -> {
                  try (LockFile waited = store.lock(ONE)) {
                    return freed.get();
                  }
                });
        while (openLockFiles() < 2) {
          Thread.onSpinWait();
        }
        store.remove(ONE, Optional.empty(), () -> {});
        next = store.begin(ONE);
      }
      try (next) {
        Thread.sleep(200);
        freed.set(true);
      }
      assertThat(freedBefore.get()).as("the new lock was free when it was taken").isTrue();
    } finally {
      waiter.shutdownNow();
    }
  }

  private long openLockFiles() throws IOException {
    String name = layout.run(ONE).toRealPath().resolve("edit").toString();
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
      return descriptors.filter(d -> name.equals(target(d))).count();
    }
  }

  private static String target(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString();
    } catch (IOException closed) {
      return "";
    }
  }

  @Test
  void begin_thatFails_leavesNothing() throws IOException {
    Files.createFile(layout.container(ONE));
    assertThatThrownBy(() -> store.begin(ONE)).hasMessageContaining("EEXIST");
    assertThat(layout.run(ONE)).doesNotExist();
    Files.delete(layout.container(ONE));
    store.begin(ONE).close();
  }

  @Test
  void begin_interruptedWhileOthersHoldTheLock_isCancelled() throws IOException {
    Files.createDirectories(layout.run(ONE));
    try (Dir run = Dir.open(layout.run(ONE));
        LockFile others = LockFile.open(run, "edit")) {
      assertThat(others.tryLock(LockFile.Mode.EXCLUSIVE)).isTrue();
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> store.begin(ONE)).isInstanceOf(CancelledException.class);
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(layout.container(ONE)).doesNotExist();
  }

  @Test
  void remove_recordFirst_layerBetween() {
    List<String> order = new ArrayList<>();
    try (LockFile held = store.begin(ONE)) {
      store.write(record(ONE, image("x")));
      assertThat(store.names().take("n", ONE)).isTrue();
      FaultPoints.listen(order::add);
      store.remove(ONE, Optional.of("n"), () -> order.add("layer"));
    }
    assertThat(order).containsExactly("record removed", "layer", "layer removed");
    assertThat(store.names().find("n")).isEmpty();
    assertThat(layout.container(ONE)).doesNotExist();
    assertThat(layout.run(ONE)).doesNotExist();
  }

  @Test
  void write_killedBeforeTheRename_keepsTheOldRecord_sweepTidies() throws IOException {
    try (LockFile held = store.begin(ONE)) {
      store.write(record(ONE, image("old")));
      Files.writeString(layout.container(ONE).resolve(".container.json-1f.part"), "{\"half");
      assertThat(store.read(ONE).orElseThrow().spec().image()).isEqualTo("old");
      store.sweep(ONE);
      try (var files = Files.list(layout.container(ONE))) {
        assertThat(files.map(f -> f.getFileName().toString())).containsExactly("container.json");
      }
    }
  }

  @Test
  void layout_newerFormat_isRefused() throws IOException {
    Path version = directory.resolve("root/VERSION");
    assertThat(version).hasContent("1\n");
    Files.writeString(version, "2\n");
    assertThatThrownBy(this::layout)
        .isInstanceOf(CorruptException.class)
        .hasMessageContaining("has the format 2");
  }

  @Test
  void layout_unfinishedVersion_isTidied() throws IOException {
    Files.writeString(directory.resolve("root/.VERSION-77.part"), "");
    assertThat(layout()).isEqualTo(layout);
    assertThat(directory.resolve("root/.VERSION-77.part")).doesNotExist();
  }

  @Test
  void layout_openToOthers_isClosedToThem() throws IOException {
    for (Path each : List.of(layout.root(), layout.run())) {
      Files.setPosixFilePermissions(each, PosixFilePermissions.fromString("rwxrwxrwx"));
    }
    layout();
    layout_isForItsOwnerAlone();
  }

  @Test
  void layout_rootWithOtherThings_isNotTaken() throws IOException {
    Path taken = Files.createDirectory(directory.resolve("taken"));
    Files.setPosixFilePermissions(taken, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.writeString(taken.resolve("other"), "");
    assertThatThrownBy(
            () -> RootLayout.open(Optional.of(taken), Optional.of(directory.resolve("r")), uid()))
        .hasMessageContaining("not empty");
    assertThat(taken).isDirectoryContaining("glob:**other");
    Files.setPosixFilePermissions(taken, PosixFilePermissions.fromString("rwx------"));
    RootLayout.open(Optional.of(taken), Optional.of(directory.resolve("r")), uid());
  }

  @Test
  void layout_runDirectoryOfAnotherUser_orALink_isRefused() throws IOException {
    assertThatThrownBy(
            () ->
                RootLayout.open(
                    Optional.of(layout.root()), Optional.of(directory.resolve("run")), uid() + 1))
        .hasMessageContaining("belongs to user " + uid());
    Path real = Files.createDirectory(directory.resolve("real"));
    Path run = Files.createDirectory(directory.resolve("other"));
    Files.createSymbolicLink(run.resolve(layout.key()), real);
    assertThatThrownBy(() -> RootLayout.open(Optional.of(layout.root()), Optional.of(run), uid()))
        .hasMessageContaining("is not a directory");
  }

  @Test
  void layout_isForItsOwnerAlone() throws IOException {
    for (Path each : List.of(layout.root(), layout.run(), layout.containers(), layout.names())) {
      assertThat(Files.getPosixFilePermissions(each))
          .as("%s", each)
          .extracting(Enum::name)
          .allMatch(p -> p.startsWith("OWNER_"));
    }
  }
}
