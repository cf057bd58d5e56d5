package dev.pinnace.linux.process;

import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.Kernel;
import dev.pinnace.linux.internal.jna.NativeMemory;
import dev.pinnace.linux.internal.jna.Spawn;
import dev.pinnace.linux.internal.jna.Sys;
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
  private static final int MFD_CLOEXEC = 1;
  private static final int MFD_ALLOW_SEALING = 2;
  private static final int MFD_EXEC = 0x10;
  private static final int F_ADD_SEALS = 1033;
  private static final int ALL_SEALS = 0xF;

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
    Fd memory = create();
    memory.write(elf);
    Sys.FCNTL.on("launcher", memory.number(), F_ADD_SEALS, ALL_SEALS);
    return new Launcher(memory, Long.parseUnsignedLong(id, 16));
  }

  private static Fd create() {
    try (NativeMemory name = NativeMemory.ofString("pinnace-launcher")) {
      try {
        return memfd(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);
      } catch (ErrnoException refusal) {
        if (!refusal.is(Errno.EINVAL)) {
          throw refusal;
        }
        // Before 6.3 the flag is unknown, and every memfd may be executed (memfd_create(2)).
        return memfd(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
      }
    }
  }

  private static Fd memfd(NativeMemory name, int flags) {
    return new Fd((int) Sys.MEMFD_CREATE.on("pinnace-launcher", name.address(), flags), "launcher");
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
