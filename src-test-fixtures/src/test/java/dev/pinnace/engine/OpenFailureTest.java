package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Pinnace;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.fixtures.leaks.LeakCheck;
import dev.pinnace.fixtures.needs.Needs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** An engine that cannot be opened keeps nothing: no descriptor, thread, cgroup or lock. */
@Needs("root")
class OpenFailureTest {
  @RegisterExtension static final LeakCheck PLACE = new LeakCheck();

  private static void makeRoot() {
    PLACE.open().close();
  }

  @AfterEach
  void engineOpens_onceTheCauseIsGone() {
    makeRoot();
    assertThat(PLACE.leaks()).isEmpty();
  }

  @Test
  void open_storageThatIsNotThere() throws Exception {
    makeRoot();
    assertLeavesNothing(
        Pinnace.builder().root(PLACE.root()).runDirectory(PLACE.run()).storage("of-dreams"));
  }

  @Test
  void open_imageStoreThatIsAFile() throws Exception {
    makeRoot();
    Path content = PLACE.root().resolve("content");
    Path away = Files.move(content, PLACE.root().resolve("content-away"));
    Files.writeString(content, "not a directory");
    assertLeavesNothing(Pinnace.builder().root(PLACE.root()).runDirectory(PLACE.run()));
    Files.delete(content);
    Files.move(away, content);
  }

  @Test
  void open_versionThatIsEmpty_isSaidToBe() throws Exception {
    makeRoot();
    Path version = PLACE.root().resolve("VERSION");
    String text = Files.readString(version);
    Files.writeString(version, "");
    assertThatThrownBy(() -> PLACE.open()).hasMessageContainingAll("VERSION is empty", "write 1");
    Files.writeString(version, text);
  }

  @Test
  void open_rootWhoseNameNoOverlayTakes_isRefusedAndNotMade() {
    for (String name : new String[] {"a:b", "a,b", "a\\b"}) {
      Path root = PLACE.root().resolveSibling(name);
      assertThatThrownBy(() -> Pinnace.builder().root(root).runDirectory(PLACE.run()).open())
          .isInstanceOf(InvalidSpecException.class)
          .hasMessageContaining("backslash, colon or comma");
      assertThat(root).doesNotExist();
    }
  }

  @Test
  void open_emptyPath_isNotTheWorkingDirectory() {
    assertThatThrownBy(() -> Pinnace.builder().root(Path.of("")).open())
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("root is empty");
    assertThatThrownBy(() -> Pinnace.builder().root(PLACE.root()).runDirectory(Path.of("")).open())
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("run directory is empty");
  }

  @Test
  void open_lockThatIsADirectory() throws Exception {
    makeRoot();
    Path lock = PLACE.root().resolve("open.lock");
    Files.delete(lock);
    Files.createDirectory(lock);
    assertLeavesNothing(Pinnace.builder().root(PLACE.root()).runDirectory(PLACE.run()));
    Files.delete(lock);
  }

  @Test
  void open_namesThatCannotBeSwept_areLeft() throws Exception {
    makeRoot();
    Path lock = PLACE.run().resolve(key()).resolve("names.lock");
    Files.delete(lock);
    Files.createDirectory(lock);
    try (Pinnace engine = PLACE.open()) {
      assertThat(engine.containers().list()).isEmpty();
    }
    Files.delete(lock);
  }

  private static String key() throws IOException {
    return Cgroups.base(PLACE.root()).getFileName().toString();
  }

  private static void assertLeavesNothing(Pinnace.Builder builder) throws Exception {
    assertThatThrownBy(builder::open).isInstanceOf(PinnaceException.class);
    awaitThreads();
    List<String> before = descriptors();
    assertThatThrownBy(builder::open).isInstanceOf(PinnaceException.class);
    awaitThreads();
    assertThat(descriptors()).containsExactlyElementsOf(before);
    assertThat(Cgroups.base(PLACE.root())).doesNotExist();
  }

  private static void awaitThreads() throws Exception {
    String key = key();
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().contains(key)) {
        thread.join(10_000);
        assertThat(thread.isAlive()).as(thread.getName()).isFalse();
      }
    }
  }

  private static List<String> descriptors() throws IOException {
    List<String> targets = new ArrayList<>();
    try (Stream<Path> entries = Files.list(Path.of("/proc/self/fd"))) {
      for (Path entry : entries.sorted().toList()) {
        if (Files.isSymbolicLink(entry)) {
          targets.add(Files.readSymbolicLink(entry).toString().replaceAll("\\[.*", ""));
        }
      }
    }
    return targets.stream().sorted().toList();
  }

  @Test
  void open_rootThatIsReadOnly_saysWhatToDo() throws Exception {
    makeRoot();
    Path root = PLACE.root();
    call("mount", "--bind", root.toString(), root.toString());
    try {
      call("mount", "-o", "remount,bind,ro", root.toString());
      assertThatThrownBy(() -> PLACE.open())
          .isInstanceOf(PinnaceException.class)
          .hasMessageStartingWith("cannot open the root " + root + ": ")
          .hasMessageContainingAll("EROFS", "choose another one");
    } finally {
      call("umount", root.toString());
    }
  }

  private static void call(String... command) throws Exception {
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
  }
}
