package dev.pinnace.linux.internal.jna;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.Pipe;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.Fcntl;
import dev.pinnace.linux.process.Pidfd;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A shell that reads its script from descriptor 0 and says what its descriptors are. */
class SpawnTest {
  @TempDir Path host;
  private Dir dir = Dir.open(Path.of("/"));

  @BeforeEach
  void open() {
    dir.close();
    dir = Dir.open(host);
  }

  @AfterEach
  void close() {
    dir.close();
  }

  private Fd file(String name, String content) throws Exception {
    Files.writeString(host.resolve(name), content);
    return dir.open(name, Fcntl.O_RDWR, 0);
  }

  /** Runs the script with these descriptors besides 0 and 1, and returns its output. */
  private String run(String script, Map<Integer, Fd> descriptors) throws Exception {
    try (Pipe output = Pipe.open();
        Fd input = file("script", script)) {
      TreeMap<Integer, Fd> all = new TreeMap<>(descriptors);
      all.put(0, input);
      all.put(1, output.writeEnd());
      try (Pidfd process = Pidfd.open(Spawn.start("/bin/sh", "sh", all))) {
        output.writeEnd().close();
        byte[] said = output.readEnd().readAll(100_000);
        while (!process.reap()) {
          Thread.sleep(1);
        }
        return new String(said, StandardCharsets.UTF_8);
      }
    }
  }

  @Test
  void start_shufflesDescriptors_whoseNumbersOverlap() throws Exception {
    try (Fd a = file("a", "A");
        Fd b = file("b", "B");
        Fd c = file("c", "C")) {
      // Each source's number is another one's target.
      TreeMap<Integer, Fd> ring = new TreeMap<>();
      ring.put(a.number(), b);
      ring.put(b.number(), c);
      ring.put(c.number(), a);
      String said =
          run(
              "for n in %d %d %d; do readlink /proc/self/fd/$n; done"
                  .formatted(a.number(), b.number(), c.number()),
              ring);
      assertThat(said).isEqualTo("%1$s/b\n%1$s/c\n%1$s/a\n".formatted(host.toRealPath()));
    }
  }

  @Test
  void start_passesNothingElseOfOurs() throws Exception {
    try (Fd a = file("a", "A");
        Pipe unrelated = Pipe.open()) {
      String said = run("for n in /proc/$$/fd/*; do readlink $n; done", Map.of(9, a));
      // The JVM's own JARs are passed on, for it opens them so; the launcher closes them.
      assertThat(said.lines())
          .contains("/dev/null", host.toRealPath() + "/a")
          .doesNotContain(target(Path.of(unrelated.readEnd().procPath())));
    }
  }

  @Test
  void start_givesAnEmptyEnvironment() throws Exception {
    assertThat(run("tr '\\0' '\\n' < /proc/$$/environ | wc -c", Map.of()).strip()).isEqualTo("0");
  }

  @Test
  void start_leavesSourcesOpen_andNoCopies() throws Exception {
    try (Fd a = file("a", "A")) {
      String link = host.toRealPath() + "/a";
      assertThat(run("echo done", Map.of(9, a))).isEqualTo("done\n");
      assertThat(a.isOpen()).isTrue();
      try (var open = Files.list(Path.of("/proc/self/fd"))) {
        assertThat(open.filter(fd -> link.equals(target(fd)))).hasSize(1);
      }
    }
  }

  private static String target(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString();
    } catch (java.io.IOException closed) {
      return "";
    }
  }

  @Test
  void start_ofNothing_namesCallAndPath() {
    assertThatThrownBy(() -> Spawn.start("/no/such/program", "x", new TreeMap<>()))
        .isInstanceOf(ErrnoException.class)
        .hasMessage("posix_spawn(/no/such/program): ENOENT (no such file or directory)");
  }
}
