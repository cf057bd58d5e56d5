package dev.pinnace.internal.isolation.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.linux.process.Launcher;
import dev.pinnace.spi.isolation.IsolationOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinuxIsolationTest {
  private static final String KEY = "a-key-of-a-test";

  @TempDir static Path root;

  private static Launcher noLauncher() {
    throw new IllegalStateException("no launcher");
  }

  private static void fail() {
    IsolationOptions options = new IsolationOptions(root, KEY);
    assertThatThrownBy(() -> new LinuxIsolation(options, LinuxIsolationTest::noLauncher))
        .hasMessage("no launcher");
  }

  @Test
  void open_thatFails_leavesNoDescriptorAndNoThread() throws Exception {
    fail(); // loads what stays for good
    awaitThreads();
    List<String> before = descriptors();
    fail();
    awaitThreads();
    assertThat(descriptors()).containsExactlyElementsOf(before);
  }

  /** A thread that was asked to end does so in its own time. */
  private static void awaitThreads() throws InterruptedException {
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().contains(KEY)) {
        thread.join(10_000);
        assertThat(thread.isAlive()).as(thread.getName()).isFalse();
      }
    }
  }

  private static List<String> descriptors() throws IOException {
    try (Stream<Path> entries = Files.list(Path.of("/proc/self/fd"))) {
      return entries.map(LinuxIsolationTest::target).sorted().toList();
    }
  }

  /** Without the number of a pipe or of an epoll instance, which says nothing. */
  private static String target(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString().replaceAll("\\[.*", "");
    } catch (IOException gone) {
      return "the listing itself";
    }
  }
}
