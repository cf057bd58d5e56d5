package dev.pinnace.linux.file;

import static dev.pinnace.linux.file.Fcntl.*;

import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.internal.jna.Sys;

/** Files in memory without a name (memfd_create(2)), sealed so that nobody can change them. */
public final class Memfd {
  /** linux/memfd.h. */
  private static final int MFD_CLOEXEC = 0x1;

  private static final int MFD_ALLOW_SEALING = 0x2;
  private static final int MFD_NOEXEC_SEAL = 0x8;
  private static final int MFD_EXEC = 0x10;

  private Memfd() {}

  /**
   * Makes an empty one, close-on-exec, open for seals, and never to be executed (MFD_NOEXEC_SEAL of
   * 6.3; older kernels have no such flag). {@code name} shows in /proc only.
   */
  public static Fd create(String name) {
    return create(name, MFD_NOEXEC_SEAL);
  }

  /**
   * Makes an empty one that may be executed also where {@code vm.memfd_noexec} is 1 (MFD_EXEC of
   * 6.3; older kernels need no flag). Where it is 2 this fails with EACCES.
   */
  public static Fd createExecutable(String name) {
    return create(name, MFD_EXEC);
  }

  /**
   * @param executability a flag that kernels before 6.3 refuse: they do without it
   */
  private static Fd create(String name, int executability) {
    try (Scratch scratch = Scratch.borrow()) {
      long path = scratch.path(Sys.MEMFD_CREATE, name);
      int flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
      long number = Sys.MEMFD_CREATE.attempt(path, flags | executability, 0, 0, 0, 0);
      if (number == -Errno.EINVAL) {
        number = Sys.MEMFD_CREATE.on(name, path, flags);
      }
      if (number < 0) {
        throw new ErrnoException(Sys.MEMFD_CREATE.call(), (int) -number, name);
      }
      return new Fd((int) number, "memfd:" + name);
    }
  }

  /** One that holds {@code content}, sealed, its offset at the start. */
  public static Fd sealed(String name, byte[] content) {
    Fd fd = create(name);
    try {
      fd.write(content);
      seal(fd);
      Sys.LSEEK.on(name, fd.number(), 0, SEEK_SET);
      return fd;
    } catch (ErrnoException refusal) {
      fd.close();
      throw refusal;
    }
  }

  /** Forbids for ever to write, grow, shrink or unseal it. */
  public static void seal(Fd memfd) {
    Sys.FCNTL.on(
        memfd + ", F_ADD_SEALS",
        memfd.number(),
        F_ADD_SEALS,
        F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
  }

  /** Whether {@link #seal} was done to it. */
  public static boolean isSealed(Fd memfd) {
    int all = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
    return (Sys.FCNTL.on(memfd + ", F_GET_SEALS", memfd.number(), F_GET_SEALS) & all) == all;
  }

  /** A new open file on the same content, for reading, at its start. */
  public static Fd openReadOnly(Fd memfd) {
    try (Scratch scratch = Scratch.borrow()) {
      long number =
          Sys.OPENAT.on(
              memfd.toString(),
              AT_FDCWD,
              scratch.path(Sys.OPENAT, memfd.procPath()),
              O_RDONLY | O_CLOEXEC,
              0);
      return new Fd((int) number, memfd.toString());
    }
  }
}
