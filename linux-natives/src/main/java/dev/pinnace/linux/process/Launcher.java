package dev.pinnace.linux.process;

import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.Kernel;
import dev.pinnace.linux.file.Memfd;
import dev.pinnace.linux.internal.jna.Spawn;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.IntFunction;

/**
 * The launcher's executable where nobody can change it and no file has to be left on a disk, and
 * the way to start it (posix_spawn, never fork: this is a JVM). It is a sealed memfd, or, where
 * memfds may not be executed ({@code vm.memfd_noexec=2} of sysctl, or a security module), a file on
 * a read-only tmpfs of its own, which only root can make. Thread-safe.
 */
public final class Launcher implements AutoCloseable {
  private static final String FOLDER = "/dev/pinnace/linux/launcher/";

  private final byte[] elf;
  private final long buildId;
  private final Deque<Fd> executables = new ArrayDeque<>();
  private Optional<ErrnoException> refusal = Optional.empty();

  private Launcher(byte[] elf, long buildId) {
    this.elf = elf;
    this.buildId = buildId;
  }

  /**
   * Puts the launcher of this architecture into memory.
   *
   * @throws ErrnoException if memfds may not be executed here and no tmpfs can be mounted; the
   *     second is suppressed by the first
   */
  public static Launcher load() {
    Launcher launcher = unloaded();
    try {
      launcher.add(launcher.sealed(Memfd.createExecutable("pinnace-launcher")));
    } catch (ErrnoException noMemfd) {
      launcher.resort(noMemfd);
    }
    return launcher;
  }

  /** With this empty memfd, which need not be executable. */
  static Launcher of(Fd memfd) {
    Launcher launcher = unloaded();
    launcher.add(launcher.sealed(memfd));
    return launcher;
  }

  private static Launcher unloaded() {
    byte[] elf = resource("launcher-" + Kernel.architecture().machine());
    String id = new String(resource("launcher.id"), StandardCharsets.US_ASCII).strip();
    return new Launcher(elf, Long.parseUnsignedLong(id, 16));
  }

  private Fd sealed(Fd memfd) {
    try {
      memfd.write(elf);
      Memfd.seal(memfd);
      return memfd;
    } catch (RuntimeException e) {
      memfd.close();
      throw e;
    }
  }

  private synchronized void add(Fd executable) {
    executables.push(executable);
  }

  /** Goes over to a file on a read-only tmpfs, once. */
  private synchronized void resort(ErrnoException noMemfd) {
    if (!noMemfd.is(Errno.EACCES, Errno.EPERM)) {
      throw noMemfd;
    }
    if (refusal.isEmpty()) {
      try {
        add(ReadOnlyFile.of(elf, "pinnace-launcher"));
      } catch (ErrnoException noFile) {
        noMemfd.addSuppressed(noFile);
        throw noMemfd;
      }
      refusal = Optional.of(noMemfd);
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

  /** The executable, still owned by this. */
  public synchronized Fd executable() {
    return executables.getFirst();
  }

  /** Why the executable is not a memfd; empty where it is. */
  public synchronized Optional<ErrnoException> refusal() {
    return refusal;
  }

  /**
   * Starts the launcher with {@code descriptors} under their keys as numbers, and 0, 1 and 2 on
   * /dev/null where the map says nothing. Children that were left are reaped on this occasion.
   *
   * @return the process that was spawned; it ends as soon as it has cloned the supervisor, and is
   *     this JVM's to reap
   */
  public Pidfd start(SortedMap<Integer, Fd> descriptors) {
    LeftChildren.reap();
    try {
      return spawn(descriptors);
    } catch (ErrnoException e) {
      if (refusal().isPresent() || !e.is(Errno.EACCES, Errno.EPERM)) {
        throw e;
      }
      resort(e);
      return spawn(descriptors);
    }
  }

  private Pidfd spawn(SortedMap<Integer, Fd> descriptors) {
    return spawn(descriptors, Pidfd::open);
  }

  /** Whoever was spawned and cannot be opened is reaped nevertheless. */
  Pidfd spawn(SortedMap<Integer, Fd> descriptors, IntFunction<Pidfd> open) {
    int pid = Spawn.start(executable().procPath(), "pinnace", descriptors);
    try {
      return open.apply(pid);
    } catch (ErrnoException refusal) {
      Pidfd.reapAtEnd(pid);
      throw refusal;
    }
  }

  /** Frees the memory; running supervisors keep theirs. */
  @Override
  public synchronized void close() {
    executables.forEach(Fd::close);
  }
}
