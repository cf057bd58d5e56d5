package dev.pinnace.internal.state;

import dev.pinnace.error.ConflictException;
import dev.pinnace.internal.durable.Durable;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.LockFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * With which run directory a root is used, as its file {@code run} tells. Whoever looked into
 * another one would find no supervisor, and take the containers that run for such as have ended.
 */
final class RunBinding {
  private static final String NAME = "run";

  /** Held by a supervisor as long as it lives: {@link dev.pinnace.spi.isolation.ContainerPlace}. */
  private static final String LOCK = "lock";

  private RunBinding() {}

  /**
   * Takes {@code run} for {@code root}; needs the lock under which roots are opened.
   *
   * @throws ConflictException if a container runs that has its place in another one
   */
  static void bind(Path root, Path run) throws IOException {
    Path now = run.toAbsolutePath().normalize();
    Path file = root.resolve(NAME);
    Optional<Path> before = read(file);
    if (before.equals(Optional.of(now))) {
      return;
    }
    if (before.isPresent() && !isSame(before.get(), now) && isUsed(before.get())) {
      throw new ConflictException(
          "containers of "
              + root
              + " run with the run directory "
              + before.get().getParent()
              + ", not "
              + now.getParent()
              + ": name that one with Pinnace.builder().runDirectory(...), --run, PINNACE_RUN or"
              + " XDG_RUNTIME_DIR, or end them first");
    }
    Durable.write(file, (now + "\n").getBytes(StandardCharsets.UTF_8), false);
  }

  /** Empty for none, and for what is no path. */
  private static Optional<Path> read(Path file) throws IOException {
    try {
      return Optional.of(Path.of(Files.readString(file).strip())).filter(Path::isAbsolute);
    } catch (NoSuchFileException | InvalidPathException none) {
      return Optional.empty();
    }
  }

  private static boolean isSame(Path one, Path other) throws IOException {
    return Files.exists(one) && Files.exists(other) && Files.isSameFile(one, other);
  }

  private static boolean isUsed(Path run) throws IOException {
    if (!Files.isDirectory(run)) {
      return false;
    }
    try (Stream<Path> children = Files.list(run)) {
      List<Path> containers = children.filter(Files::isDirectory).toList();
      return containers.stream().anyMatch(RunBinding::hasSupervisor);
    }
  }

  private static boolean hasSupervisor(Path container) {
    try (Dir directory = Dir.open(container)) {
      return LockFile.isHeld(directory, LOCK);
    } catch (ErrnoException e) {
      if (e.is(Errno.ENOENT)) { // it has just been removed
        return false;
      }
      throw e;
    }
  }
}
