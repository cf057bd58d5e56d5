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
  /** What the container finds out about itself, and about the host. */
  private static final String LOOK_AROUND =
      """
      echo "process     $$; those that it sees: $(cd /proc && echo [0-9]*)"
      echo "user        $(id)"
      echo "host name   $(cat /proc/sys/kernel/hostname)"
      echo "root        $(ls -m /)"
      echo "mounts      $(cut -d ' ' -f 2 /proc/mounts | tr '\\n' ' ')"
      echo "network     $(ls -m /sys/class/net)"
      echo "limits      $(ulimit -n) open files, /dev/shm $(grep /dev/shm /proc/mounts | grep -o 'size=[0-9k]*')"
      echo "security    $(grep -E 'CapEff|NoNewPrivs|Seccomp:' /proc/self/status | tr '\\t\\n' '  ')"
      ( : > /mine ) 2> /dev/null && echo "writes to / (a bug)" || echo "root        is read-only"
      [ -e /proc/$JVM ] && echo "sees the JVM (a bug)" || echo "the host    its process $JVM, this JVM, is not here"
      [ -e "$HOST_FILE" ] && echo "sees its files (a bug)" || echo "the host    its file $HOST_FILE is not here"
      """;

  private Quickstart() {}

  /** Takes no arguments. */
  public static void main(String[] arguments) throws IOException {
    Path home = Files.createTempDirectory("pinnace-quickstart");
    try (Pinnace pinnace = timed("open an engine", () -> open(home))) {
      timed(
          "make an image of programs of this host",
          () -> pinnace.images().fromHost("sh", "ls", "cat", "id", "cut", "tr", "grep"));
      ContainerSpecBuilder visitor =
          image("localhost/host")
              .command("sh", "-c", LOOK_AROUND)
              .env("JVM", Long.toString(ProcessHandle.current().pid()))
              .env("HOST_FILE", home.toString())
              .hostname("quickstart")
              .readOnly()
              .noNewPrivileges()
              .ulimit(new Ulimit("nofile", 64, 64))
              .shmSize(Bytes.mebi(8))
              .timeout(Duration.ofSeconds(30));
      RunResult first = timed("run a container", () -> pinnace.containers().run(visitor));
      timed("run it again, warm", () -> pinnace.containers().run(visitor));
      System.out.printf("%nWhat the container saw (exit code %d):%n", first.exitCode());
      System.out.print(first.stdout() + first.stderr());
    } finally {
      timed("\nremove everything", () -> remove(home));
    }
  }

  private static Pinnace open(Path home) {
    return Pinnace.builder().root(home.resolve("root")).runDirectory(home.resolve("run")).open();
  }

  private static <T> T timed(String what, Supplier<T> work) {
    long begin = System.nanoTime();
    T result = work.get();
    System.out.printf("%-40s %7.1f ms%n", what, (System.nanoTime() - begin) / 1e6);
    return result;
  }

  private static boolean remove(Path directory) {
    try (Stream<Path> tree = Files.walk(directory)) {
      List<Path> bottomUp = tree.sorted(Comparator.reverseOrder()).toList();
      return bottomUp.stream().allMatch(path -> path.toFile().delete());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException("cannot remove " + directory, e);
    }
  }
}
