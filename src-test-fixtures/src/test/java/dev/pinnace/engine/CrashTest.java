package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.fixtures.leaks.LeakCheck;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.FileType;
import dev.pinnace.spec.ContainerFilter;
import dev.pinnace.spec.ContainerState;
import dev.pinnace.spec.ContainerStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Kills the JVM, the supervisor, or both, at every write of the engine's state and between any two
 * steps of a launch plan; the next engine must find a valid root, tell the truth, and leave
 * nothing. The points are counted by the test itself. {@code -Dpinnace.crash=all} tries all of them
 * with each victim; otherwise a sample with a victim each, another one every time: {@code
 * -Dpinnace.crash.seed} with the number that was printed tries the same again.
 */
@Needs({"root", "busybox"})
class CrashTest {
  private static final boolean ALL = "all".equals(System.getProperty("pinnace.crash"));
  private static final int SAMPLES = 20;
  private static final long SEED =
      Long.getLong("pinnace.crash.seed", ThreadLocalRandom.current().nextInt(1_000_000));
  private static final Random CHANCE = new Random(SEED);
  private static final int HALT_MILLIS = 1500;
  private static final String WAIT = "echo ready; while :; do busybox sleep 0.05; done";
  private static final String COUNT =
      "i=0; while :; do echo $i; i=$((i + 1)); busybox sleep 0.02; done";
  private static final Duration SECOND = Duration.ofSeconds(1);

  @RegisterExtension static final LeakCheck PLACE = new LeakCheck();

  private Path pipes;

  private enum Victim {
    JVM,
    SUPERVISOR,
    BOTH;

    static Victim of(int number) {
      return values()[number % values().length];
    }
  }

  @BeforeAll
  static void saySeed() {
    System.out.println("CrashTest: repeat this sample with -Dpinnace.crash.seed=" + SEED);
  }

  @BeforeEach
  void makeImage() throws IOException {
    try (Pinnace engine = PLACE.open()) {
      engine.images().host("busybox").named(EngineFixture.IMAGE).build();
    }
    pipes = Files.createTempDirectory(PLACE.directory(), "pipes");
    try (Dir directory = Dir.open(pipes)) {
      directory.mknod("reached", FileType.FIFO.bits() | 0600, 0, 0);
      directory.mknod("go", FileType.FIFO.bits() | 0600, 0, 0);
    }
  }

  private static Path root() {
    return PLACE.root();
  }

  private static Path run() {
    return PLACE.run();
  }

  private static Pinnace engine() {
    return PLACE.open();
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    assertThat(Processes.supervisors(root())).isEmpty();
    assertThat(Processes.of(root())).isEmpty();
  }

  @Test
  void stateWrites_create() throws IOException {
    everyPoint("", "create", "cc", "bound", WAIT);
  }

  @Test
  void stateWrites_start() throws IOException {
    everyPoint("", "start", "cc", "bound", WAIT);
    everyPoint("", "start", "cc", "detached", COUNT);
  }

  @Test
  void stateWrites_startOfWhatIsRemovedAtItsEnd() throws IOException {
    everyPoint("", "start", "cc", "bound,fleeting", WAIT);
    everyPoint("", "start", "cc", "detached,fleeting", "exit 0");
  }

  @Test
  void stateWrites_startAgain() throws IOException {
    everyPoint("created", "again", "cc");
  }

  @Test
  void stateWrites_remove() throws IOException {
    everyPoint("created", "remove", "cc");
    everyPoint("running", "remove", "cc");
  }

  /** Has a JVM do {@code work}, and ends it at the first point, then at the second, and so on. */
  private void everyPoint(String before, String... work) throws IOException {
    int first = CHANCE.nextInt(Victim.values().length);
    for (int turn = 0; turn < (ALL ? Victim.values().length : 1); turn++) {
      int point = 1;
      while (crashAtPoint(point, victim(first, turn, point, work), before, work)) {
        point++;
      }
      assertThat(point).as("points of %s", String.join(" ", work)).isGreaterThan(2);
    }
  }

  /**
   * All of them in turns, or one of them at each point: the JVM, where it is to be seen that no
   * line is lost.
   */
  private static Victim victim(int first, int turn, int point, String... work) {
    if (!ALL && List.of(work).contains(COUNT)) {
      return Victim.JVM;
    }
    return Victim.of(ALL ? turn : first + point);
  }

  private boolean crashAtPoint(int point, Victim victim, String before, String... work)
      throws IOException {
    try (Peer peer = Peer.start(root(), run())) {
      if (before.equals("created")) {
        peer.ask("create", "cc", "bound", WAIT);
      } else if (before.equals("running")) {
        peer.ask("start", "cc", "bound", WAIT);
      }
      peer.ask("halt-at-point", Integer.toString(point));
      String said = peer.ask(work);
      boolean halted = said.startsWith("halted");
      assertThat(said).as("%s", List.of(work)).doesNotStartWith("failed");
      crash(peer, victim);
      String what = String.join(" ", work) + ", " + said + ", " + victim;
      if (victim == Victim.JVM && List.of(work).contains(COUNT) && isPastStart(said)) {
        assertRunsOn(what);
      }
      verify(what);
      return halted;
    }
  }

  private static boolean isPastStart(String said) {
    return said.equals("halted started") || !said.startsWith("halted");
  }

  /** What is detached misses nobody, and nothing of its log is lost. */
  private static void assertRunsOn(String what) {
    try (Pinnace engine = engine()) {
      Container container = engine.containers().get("cc");
      assertThat(container.inspect().status()).as(what).isEqualTo(ContainerStatus.RUNNING);
      long before = container.logs().text().lines().count();
      EngineFixture.eventually(() -> container.logs().text().lines().count() > before + 3);
      List<String> lines = container.logs().text().lines().toList();
      assertThat(lines)
          .as(what)
          .isEqualTo(IntStream.range(0, lines.size()).mapToObj(Integer::toString).toList());
    }
  }

  @Test
  void planSteps_bound() throws IOException {
    everyStep("bound");
  }

  @Test
  void planSteps_detached() throws IOException {
    everyStep("detached");
  }

  private void everyStep(String kind) throws IOException {
    int steps = steps(kind);
    assertThat(steps).isGreaterThan(60);
    int stride = ALL ? 1 : Math.max(1, steps / (kind.equals("bound") ? SAMPLES : SAMPLES / 2));
    int number = CHANCE.nextInt(Victim.values().length);
    for (int step = CHANCE.nextInt(stride); step < steps; step += stride) {
      Victim one = Victim.of(number++);
      for (Victim victim : ALL ? Victim.values() : new Victim[] {one}) {
        crashAtStep(step, victim, kind);
      }
    }
    // The end of TEARDOWN, and the last step before the program is executed.
    crashAtStep(steps - 1, Victim.SUPERVISOR, kind);
    crashAtStep(steps - 2, Victim.JVM, kind);
  }

  private int steps(String kind) throws IOException {
    try (Peer peer = Peer.start(root(), run())) {
      peer.ask("halt-at-step", Integer.toString(Integer.MAX_VALUE), "0", pipes.toString());
      String counted = peer.ask("start", "cc", kind, WAIT);
      assertThat(counted).startsWith("steps ");
      assertThat(peer.hear()).hasSize(64);
      crash(peer, Victim.BOTH);
      verify("counting");
      return Integer.parseInt(counted.substring(6));
    }
  }

  private void crashAtStep(int step, Victim victim, String kind) throws IOException {
    try (Peer peer = Peer.start(root(), run())) {
      peer.ask(
          "halt-at-step", Integer.toString(step), Integer.toString(HALT_MILLIS), pipes.toString());
      peer.say("start", "cc", kind, WAIT);
      assertThat(peer.hear()).startsWith("steps ");
      boolean runs = awaitHalt(peer, step);
      Set<String> namespaces = Namespaces.of(Processes.supervisors(root()));
      long halted = Namespaces.now();
      if (victim == Victim.SUPERVISOR) {
        Processes.kill(Processes.supervisors(root()));
        if (runs) {
          assertThat(peer.ask("list")).isEqualTo("cc=EXITED");
        } else {
          assertThat(peer.hear()).as("step %d", step).startsWith("failed");
          assertThat(peer.ask("list")).as("after step %d nothing is left", step).isEmpty();
        }
        peer.kill();
      } else {
        crash(peer, victim);
      }
      String what = kind + ", step " + step + ", " + victim;
      if (kind.equals("bound") || victim != Victim.JVM) { // before an engine opens that helps
        assertNobodyIn(namespaces, halted, what);
      }
      verify(what);
      assertNobodyIn(namespaces, halted, what);
    }
  }

  private static void assertNobodyIn(Set<String> namespaces, long halted, String what) {
    try {
      EngineFixture.eventually(() -> Namespaces.users(namespaces, halted).isEmpty());
    } catch (AssertionError late) {
      assertThat(Namespaces.users(namespaces, halted)).as(what).isEmpty();
    }
  }

  @Test
  void end_beforeItIsRecorded() throws IOException {
    for (String kind : List.of("bound", "detached")) {
      for (Victim victim : List.of(Victim.SUPERVISOR, Victim.BOTH)) {
        crashBeforeTheRecord(kind, victim);
      }
    }
  }

  /** Whoever opens a fifo to write to it waits for a reader: so the supervisor halts there. */
  private void crashBeforeTheRecord(String kind, Victim victim) throws IOException {
    String what = kind + ", before the record of its end, " + victim;
    try (Peer peer = Peer.start(root(), run())) {
      String id = peer.ask("start", "cc", kind, WAIT);
      Path container = root().resolve("containers").resolve(id);
      Files.delete(container.resolve("exit.tmp"));
      try (Dir directory = Dir.open(container)) {
        directory.mknod("exit.tmp", FileType.FIFO.bits() | 0600, 0, 0);
      }
      assertThat(peer.ask("kill", "cc")).as(what).isEqualTo("ok");
      EngineFixture.eventually(() -> noneIn("containers", Processes::of));
      assertThat(Processes.supervisors(root())).as(what).hasSize(1);
      if (victim == Victim.SUPERVISOR) {
        Processes.kill(Processes.supervisors(root()));
        EngineFixture.eventually(() -> noneIn("supervisors", Processes::supervisors));
        assertThat(peer.ask("list")).as(what).isEqualTo("cc=EXITED");
      }
      crash(peer, victim);
      assertThat(container.resolve("exit")).as(what).doesNotExist();
      Files.deleteIfExists(container.resolve("exit.tmp"));
    }
    verify(what);
  }

  /** Ends a container that has begun to run, for it is to halt after its end: whether it ran. */
  private static boolean awaitHalt(Peer peer, int step) {
    String said = peer.hear();
    boolean runs = said.length() == 64;
    if (runs) {
      peer.say("kill", "cc");
      said = peer.hear();
    }
    if (said.equals("ok")) {
      said = peer.hear();
    } else if (runs) {
      assertThat(peer.hear()).isEqualTo("ok");
    }
    assertThat(said).isEqualTo("halted " + step);
    return runs;
  }

  private void crash(Peer peer, Victim victim) throws IOException {
    List<Integer> supervisors = Processes.supervisors(root());
    if (victim != Victim.SUPERVISOR) {
      peer.kill();
    }
    if (victim != Victim.JVM) {
      Processes.kill(supervisors);
    }
    peer.kill();
  }

  /** The next engine finds what there is, can use or remove it, and leaves nothing. */
  private void verify(String what) throws IOException {
    Duration patience = what.startsWith("detached, step") ? Duration.ofSeconds(8) : SECOND;
    boolean detached = what.contains("detached");
    if (!detached || what.contains("step")) {
      EngineFixture.eventually(patience, () -> noProcess(what));
    }
    try (Pinnace engine = engine()) {
      List<ContainerState> found = engine.containers().list(ContainerFilter.all());
      assertThat(found).as(what).hasSizeLessThanOrEqualTo(1);
      for (ContainerState state : found) {
        assertThat(state.name()).as(what).isEqualTo("cc");
        Container container = engine.containers().get("cc");
        assertThat(container.inspect().id()).as(what).isEqualTo(state.id());
        if (!detached) {
          assertThat(state.status()).as(what).isIn(ContainerStatus.CREATED, ContainerStatus.EXITED);
          container.start();
        }
        container.remove(true);
      }
      assertThat(engine.containers().run(EngineFixture.shell("echo x").name("cc")).stdout())
          .as("%s: the name is free and the engine works", what)
          .isEqualTo("x\n");
    }
    try (Pinnace again = engine()) {
      assertThat(again.containers().list(ContainerFilter.all())).as(what).isEmpty();
    }
    assertThat(EngineFixture.children(root().resolve("containers"))).as(what).isEmpty();
    assertThat(EngineFixture.children(root().resolve("names"))).as(what).isEmpty();
    assertThat(EngineFixture.children(root()))
        .as(what)
        .noneMatch(p -> p.getFileName().toString().endsWith(".part"));
    for (Path key : EngineFixture.children(run())) {
      assertThat(EngineFixture.children(key))
          .as(what)
          .noneMatch(p -> p.getFileName().toString().length() == 64);
    }
    assertThat(Cgroups.of(root())).as(what).isEmpty();
    EngineFixture.eventually(() -> PLACE.leaks().isEmpty());
  }

  private static boolean noProcess(String what) {
    return noneIn(what, Processes::of) && noneIn(what, Processes::supervisors);
  }

  private interface Listing {
    List<Integer> of(Path root) throws IOException;
  }

  private static boolean noneIn(String what, Listing processes) {
    try {
      return processes.of(root()).isEmpty();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(what, e);
    }
  }
}
