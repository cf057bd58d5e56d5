package dev.pinnace.guest;

import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.spec.ContainerSpec;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.RunResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BooleanSupplier;

/** An engine on a root of its own, with an image of a shell and some programs of the host. */
final class Sandbox implements AutoCloseable {
  private static final long PATIENCE_NANOS = 20_000_000_000L;

  private final Path directory;
  private final Pinnace pinnace;
  private final String image;

  private Sandbox(Path directory) {
    this.directory = directory;
    this.pinnace = open(directory);
    this.image =
        pinnace
            .images()
            .fromHost("sh", "cat", "tail", "head", "tr", "sleep", "nproc", "true", "mkdir")
            .id()
            .toString();
  }

  /** Opens one below {@code directory}. */
  static Sandbox in(Path directory) {
    return new Sandbox(directory);
  }

  private static Pinnace open(Path directory) {
    return Pinnace.builder()
        .root(directory.resolve("root"))
        .runDirectory(directory.resolve("run"))
        .open();
  }

  Pinnace pinnace() {
    return pinnace;
  }

  /** A second engine on the same root, as another JVM would open it. */
  Pinnace another() {
    return open(directory);
  }

  ContainerSpecBuilder sh(String script) {
    return ContainerSpec.image(image).command("sh", "-c", script);
  }

  RunResult run(ContainerSpecBuilder spec) {
    return pinnace.containers().run(spec);
  }

  /** Where the container's first process is, as the host's cgroup mount names it. */
  static Path cgroup(Container container) {
    return cgroupOf(container.inspect().pid().orElseThrow());
  }

  /** Where the container's supervisor is: the parent of its first process. */
  static int supervisor(Container container) {
    Path status = Path.of("/proc", container.inspect().pid().orElseThrow() + "", "status");
    return lines(status).stream()
        .filter(line -> line.startsWith("PPid:"))
        .map(line -> Integer.parseInt(line.substring(5).strip()))
        .findFirst()
        .orElseThrow();
  }

  static Path cgroupOf(int pid) {
    String unified =
        lines(Path.of("/proc", pid + "", "cgroup")).stream()
            .filter(line -> line.startsWith("0::/"))
            .findFirst()
            .orElseThrow();
    return mount().resolve(unified.substring("0::/".length()));
  }

  /** Where cgroup v2 is mounted. */
  static Path mount() {
    return lines(Path.of("/proc/self/mounts")).stream()
        .map(line -> line.split(" ", -1))
        .filter(fields -> fields[2].equals("cgroup2"))
        .map(fields -> Path.of(fields[1]))
        .findFirst()
        .orElseThrow();
  }

  static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** Waits until {@code condition} holds; whether it does. */
  static boolean eventually(BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + PATIENCE_NANOS;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        return false;
      }
      Thread.sleep(20);
    }
    return true;
  }

  @Override
  public void close() {
    pinnace.close();
  }
}
