package dev.pinnace.internal.durable;

import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.Inode;
import dev.pinnace.linux.file.LockFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;

/**
 * Replaces files as a whole: a reader, now or after a crash, sees the old content or the new. What
 * is being written is {@code .NAME-HEX.part} beside its place, locked by its writer, so that {@link
 * #sweep} can tell what a killed one left. An interrupted thread finishes its write. Thread-safe.
 */
public final class Durable {
  private static final String PART = ".part";

  private Durable() {}

  /**
   * Makes {@code file} hold {@code content}, readable by its owner alone.
   *
   * @param sync whether content and name are forced to the disk
   */
  public static void write(Path file, byte[] content, boolean sync) throws IOException {
    try (Dir dir = directoryOf(file)) {
      write(dir, String.valueOf(file.getFileName()), content, sync);
    } catch (ErrnoException refusal) {
      throw new IOException(refusal.getMessage(), refusal);
    }
  }

  /** The same below a directory that is open; {@link ErrnoException} when the kernel refuses. */
  public static void write(Dir dir, String name, byte[] content, boolean sync) {
    write(dir, name, content, sync, written -> {});
  }

  /**
   * The same.
   *
   * @param finish what else to do to the new file before it gets its name
   */
  static void write(Dir dir, String name, byte[] content, boolean sync, Consumer<Fd> finish) {
    Part part = Part.make(dir, name);
    try (part) {
      part.lock.fd().write(content);
      finish.accept(part.lock.fd());
      if (sync) {
        part.lock.fd().sync();
      }
      FaultPoints.reached("written " + name);
      dir.rename(part.name, name);
      FaultPoints.reached("renamed " + name);
    } catch (RuntimeException | Error failure) {
      try {
        unlink(dir, part.name);
      } catch (ErrnoException second) {
        failure.addSuppressed(second);
      }
      throw failure;
    }
    if (sync) {
      dir.sync();
    }
  }

  /**
   * Gives a file that is complete its place.
   *
   * @param what how fault points call it
   * @param sync whether the file is on the disk and the name is to be
   */
  public static void publish(Path written, Path place, String what, boolean sync)
      throws IOException {
    FaultPoints.reached("written " + what);
    try (Dir from = directoryOf(written);
        Dir to = directoryOf(place)) {
      from.rename(
          String.valueOf(written.getFileName()),
          to,
          String.valueOf(place.getFileName()),
          Dir.Replace.REPLACE);
      FaultPoints.reached("renamed " + what);
      if (sync) {
        to.sync();
      }
    } catch (ErrnoException refusal) {
      throw new IOException(refusal.getMessage(), refusal);
    }
  }

  /** Removes what killed writers left in {@code directory}, which need not be there. */
  public static void sweep(Path directory) throws IOException {
    try (Dir dir = Dir.open(directory)) {
      for (String name : dir.list()) {
        if (name.startsWith(".") && name.endsWith(PART)) {
          sweep(dir, name);
        }
      }
    } catch (ErrnoException refusal) {
      if (!refusal.is(Errno.ENOENT)) {
        throw new IOException("cannot tidy " + directory + ": " + refusal.getMessage(), refusal);
      }
    }
  }

  private static void sweep(Dir dir, String name) {
    try (LockFile lock = LockFile.open(dir, name)) {
      if (lock.tryLock(LockFile.Mode.EXCLUSIVE)) {
        unlink(dir, name);
      }
    }
  }

  private static void unlink(Dir dir, String name) {
    try {
      dir.unlink(name);
    } catch (ErrnoException refusal) {
      if (!refusal.is(Errno.ENOENT)) {
        throw refusal;
      }
    }
  }

  private static Dir directoryOf(Path file) {
    Path directory = file.toAbsolutePath().getParent();
    return Dir.open(directory == null ? Path.of("/") : directory);
  }

  /** A file that is being written. */
  private record Part(String name, LockFile lock) implements AutoCloseable {
    static Part make(Dir dir, String target) {
      while (true) {
        String name =
            "." + target + "-" + Long.toHexString(ThreadLocalRandom.current().nextLong()) + PART;
        LockFile lock = LockFile.open(dir, name);
        boolean ours = false;
        try {
          // A sweep may have taken the file for a leftover between its making and its locking.
          ours = lock.tryLock(LockFile.Mode.EXCLUSIVE) && Inode.stat(lock.fd()).links() > 0;
        } finally {
          if (!ours) {
            lock.close();
          }
        }
        if (ours) {
          return new Part(name, lock);
        }
      }
    }

    @Override
    public void close() {
      lock.close();
    }
  }
}
