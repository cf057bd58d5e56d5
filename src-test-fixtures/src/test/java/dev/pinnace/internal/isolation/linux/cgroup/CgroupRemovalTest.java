package dev.pinnace.internal.isolation.linux.cgroup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.spi.isolation.ContainerPlace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ending what is in a cgroup, also where the kernel cannot do it at once. */
@Tag("vm-too")
@Needs("root")
class CgroupRemovalTest {
  private static final String NAME = "c";

  @TempDir Path root;
  private final List<Process> processes = new ArrayList<>();
  private CgroupTree tree;
  private Path group;

  @BeforeEach
  void make() throws IOException {
    tree = CgroupTree.open(root, "test-" + ProcessHandle.current().pid(), true);
    group = Files.createDirectories(tree.base().orElseThrow().resolve(NAME));
    start(group);
    start(Files.createDirectories(group.resolve("a/b")));
  }

  private ContainerPlace place(String id) {
    return new ContainerPlace(id, root.resolve(id), root.resolve("run-" + id));
  }

  private void start(Path cgroup) throws IOException {
    Process process = new ProcessBuilder("sleep", "600").start();
    processes.add(process);
    Files.writeString(
        cgroup.resolve("cgroup.procs"), process.pid() + "\n", StandardOpenOption.WRITE);
  }

  @AfterEach
  void close() throws InterruptedException {
    assertThat(Thread.interrupted()).isFalse();
    for (Process process : processes) {
      process.destroyForcibly().waitFor();
    }
    tree.close();
    assertThat(tree.base().orElseThrow()).doesNotExist();
  }

  private void assertAllEnded() throws InterruptedException {
    assertThat(group).doesNotExist();
    for (Process process : processes) {
      assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void remove_endsWhatIsBelowToo() throws Exception {
    tree.remove(place(NAME));
    assertAllEnded();
  }

  @Test
  void remove_onAKernelThatCannotKillAtOnce_endsEach() throws Exception {
    CgroupRemoval.killAndRemove(group, false);
    assertAllEnded();
  }

  @Test
  void remove_ofAFrozenOne_onAKernelThatCannotKillAtOnce() throws Exception {
    Files.writeString(group.resolve("cgroup.freeze"), "1");
    CgroupRemoval.killAndRemove(group, false);
    assertAllEnded();
  }

  @Test
  void remove_byAnInterruptedThread_removesAndRemembers() throws Exception {
    Thread.currentThread().interrupt();
    tree.remove(place(NAME));
    assertThat(Thread.interrupted()).isTrue();
    assertAllEnded();
  }

  @Test
  void close_byAnInterruptedThread_removesAndRemembers() throws Exception {
    tree.remove(place(NAME));
    Thread.currentThread().interrupt();
    tree.close();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(tree.base().orElseThrow()).doesNotExist();
  }

  @Test
  void remove_ofWhatIsNotThere_doesNothing() {
    tree.remove(place("nothing"));
    assertThat(group).exists();
    tree.remove(place(NAME));
  }
}
