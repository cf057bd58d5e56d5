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
  private static final Path RUN = Path.of("/run");

  private final Path directory;
  private final Path run;

  private Scratch(Path directory, Path run) {
    this.directory = directory;
    this.run = run;
  }

  static Scratch make() throws IOException {
    Path parent = Path.of(System.getProperty("pinnace.benchmark.directory", "."));
    Path directory = Files.createTempDirectory(parent.toAbsolutePath(), "pinnace-benchmark");
    Path run =
        Files.isWritable(RUN)
            ? Files.createTempDirectory(RUN, "pinnace-")
            : Files.createDirectory(directory.resolve("run"));
    Scratch scratch = new Scratch(directory, run);
    Runtime.getRuntime().addShutdownHook(new Thread(scratch::close));
    return scratch;
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
