package dev.pinnace.examples;

import static dev.pinnace.spec.ContainerSpec.image;

import dev.pinnace.Pinnace;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.RunResult;
import dev.pinnace.spec.Ulimit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Runs containers inside this JVM: no daemon, no registry, no network. The image is made of
 * programs of this host. Everything is kept in a temporary directory and removed at the end.
 */
public final class Quickstart {
  /** What the container says about itself. */
  private static final String LOOK_AROUND =
      """
      echo "My process is number $$; those that I see: $(cd /proc && echo [0-9]*)"
      echo "I am $(id -un 2>/dev/null || id -u) on $(cat /proc/sys/kernel/hostname)"
      echo "My root directory: $(ls -m /)"
      echo "My network: $(ls -m /sys/class/net)"
      echo "My mounts: $(cut -d ' ' -f 2 /proc/mounts | tr '\\n' ' ')"
      echo "Files that I may open at once: $(ulimit -n); size of /dev/shm: $(grep /dev/shm /proc/mounts | tr ' ,' '\\n' | grep size)"
      echo "Security, as the kernel has it:" $(grep -E 'CapEff|NoNewPrivs|Seccomp:' /proc/self/status)
      echo "The host's kernel memory: $(wc -c < /proc/kcore) bytes of /proc/kcore"
      { : > /made-here; } 2> /dev/null || echo "My root file system is read-only"
      """;

  private Quickstart() {}

  /** Takes no arguments. */
  public static void main(String[] arguments) throws IOException {
    Path home = Files.createTempDirectory("pinnace-quickstart");
    try (Pinnace pinnace = timed("Opened an engine", () -> open(home))) {
      timed(
          "Made an image of programs of this host",
          () ->
              pinnace
                  .images()
                  .fromHost("sh", "ls", "cat", "id", "cut", "tr", "grep", "wc", "true"));

      // readme:begin
      ContainerSpecBuilder visitor =
          image("localhost/host")
              .command("sh", "-c", LOOK_AROUND)
              .hostname("quickstart")
              .readOnly()
              .shmSize(Bytes.mebi(8))
              .ulimit(new Ulimit("nofile", 64, 64))
              .noNewPrivileges()
              .timeout(Duration.ofSeconds(30));
      RunResult result = pinnace.containers().run(visitor);
      // readme:end
      System.out.println(result.stdout() + result.stderr());
    }
    remove(home);
  }

  private static Pinnace open(Path home) {
    return Pinnace.builder().root(home.resolve("root")).runDirectory(home.resolve("run")).open();
  }

  private static <T> T timed(String what, Supplier<T> work) {
    long begin = System.nanoTime();
    T result = work.get();
    System.out.printf("%-46s %7.1f ms%n", what, (System.nanoTime() - begin) / 1e6);
    return result;
  }

  private static void remove(Path directory) throws IOException {
    List<Path> bottomUp;
    try (Stream<Path> tree = Files.walk(directory)) {
      bottomUp = tree.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : bottomUp) {
      Files.delete(path);
    }
  }
}
