package dev.pinnace.linux.process;

import dev.pinnace.linux.Fd;
import dev.pinnace.linux.Kernel;
import dev.pinnace.linux.file.Memfd;
import dev.pinnace.linux.internal.jna.Spawn;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.SortedMap;

/**
 * The launcher's executable in a sealed memfd, so that nothing can change it and no file has to be
 * left on a disk, and the way to start it (posix_spawn, never fork: this is a JVM). Thread-safe.
 */
public final class Launcher implements AutoCloseable {
  private static final String FOLDER = "/dev/pinnace/linux/launcher/";

  private final Fd executable;
  private final long buildId;

  private Launcher(Fd executable, long buildId) {
    this.executable = executable;
    this.buildId = buildId;
  }

  /** Puts the launcher of this architecture into memory. */
  public static Launcher load() {
    byte[] elf = resource("launcher-" + Kernel.architecture().machine());
    String id = new String(resource("launcher.id"), StandardCharsets.US_ASCII).strip();
    Fd memory = Memfd.createExecutable("pinnace-launcher");
    try {
      memory.write(elf);
      Memfd.seal(memory);
      return new Launcher(memory, Long.parseUnsignedLong(id, 16));
    } catch (RuntimeException e) {
      memory.close();
      throw e;
    }
  }

  private static byte[] resource(String name) {
    try (InputStream in = Launcher.class.getResourceAsStream(FOLDER + name)) {
      if (in == null) {
        throw new IllegalStateException(
            "the JAR of pinnace-linux-natives holds no "
                + FOLDER
                + name
                + ": use the JAR as it was published, or build with ./mvnw package");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The build that plans must be made for. */
  public long buildId() {
    return buildId;
  }

  /** The sealed executable, still owned by this. */
  public Fd executable() {
    return executable;
  }

  /**
   * Starts the launcher with {@code descriptors} under their keys as numbers, and 0, 1 and 2 on
   * /dev/null where the map says nothing.
   *
   * @return the process that was spawned; it ends as soon as it has cloned the supervisor, and is
   *     this JVM's to reap
   */
  public Pidfd start(SortedMap<Integer, Fd> descriptors) {
    return Pidfd.open(Spawn.start(executable.procPath(), "pinnace", descriptors));
  }

  /** Frees the memory; running supervisors keep theirs. */
  @Override
  public void close() {
    executable.close();
  }
}
