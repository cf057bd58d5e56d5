package dev.pinnace.benchmarks;

import dev.pinnace.Pinnace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A directory of a benchmark's own, on the disk that {@code -Dpinnace.benchmark.directory} names
 * (default: the current directory), and the engine in it. Everything goes when it is closed, or
 * when the benchmark is interrupted.
 */
final class Scratch implements AutoCloseable {
  private static final List<Path> MEMORY = List.of(Path.of("/run"), Path.of("/dev/shm"));

  private final Path directory;
  private final Path run;

  private Scratch(Path directory, Path run) {
    this.directory = directory;
    this.run = run;
  }

  static Scratch make() throws IOException {
    Path parent = Path.of(System.getProperty("pinnace.benchmark.directory", "."));
    Path directory = Files.createTempDirectory(parent.toAbsolutePath(), "pinnace-benchmark");
    Path run = runDirectory(directory);
    Scratch scratch = new Scratch(directory, run);
    Runtime.getRuntime().addShutdownHook(new Thread(scratch::close));
    return scratch;
  }

  /** In memory, where {@code /run} is on a usual host, even if it is on the disk here. */
  private static Path runDirectory(Path fallback) throws IOException {
    for (Path parent : MEMORY) {
      if (Files.isWritable(parent) && Files.getFileStore(parent).type().equals("tmpfs")) {
        return Files.createTempDirectory(parent, "pinnace-");
      }
    }
    return Files.createDirectory(fallback.resolve("run"));
  }

  /** A directory of that name. */
  Path directory(String name) throws IOException {
    return Files.createDirectories(directory.resolve(name));
  }

  /** A directory of that name in memory, with a short path where there is one. */
  Path runDirectory(String name) throws IOException {
    return Files.createDirectories(run.resolve(name));
  }

  /** The engine's root. */
  Path root() {
    return directory.resolve("root");
  }

  /** The engine's run directory. */
  Path run() {
    return run;
  }

  Pinnace open() {
    return Pinnace.builder().root(root()).runDirectory(run).open();
  }

  @Override
  public void close() {
    for (Path tree : List.of(directory, run)) {
      remove(tree);
    }
  }

  private static void remove(Path tree) {
    if (!Files.exists(tree)) {
      return;
    }
    try (Stream<Path> files = Files.walk(tree)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + tree, e);
    }
  }
}
