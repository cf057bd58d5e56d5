package dev.pinnace.linux.tty;

import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.internal.jna.NativeMemory;
import dev.pinnace.linux.internal.jna.Sys;
import java.nio.file.Path;

/**
 * A pseudoterminal (pty(7)) of this process's: what is written to one end is read at the other.
 *
 * @param master what a terminal emulator holds
 * @param number that of {@code /dev/pts/N}, the end for programs
 */
public record PtyPair(Fd master, int number) implements AutoCloseable {
  private static final long TIOCGPTN = 0x80045430L;
  private static final int TIOCSPTLCK = 0x40045431;
  private static final int O_RDWR = 2;
  private static final int O_NOCTTY = 0x100;

  /** Makes one of the host's. */
  public static PtyPair open() {
    try (Dir dev = Dir.open(Path.of("/dev"));
        NativeMemory word = NativeMemory.of(Integer.BYTES)) {
      Fd master = dev.open("ptmx", O_RDWR | O_NOCTTY, 0);
      try {
        Sys.IOCTL.on(master.toString(), master.number(), TIOCSPTLCK, word.address());
        Sys.IOCTL.on(master.toString(), master.number(), TIOCGPTN, word.address());
        return new PtyPair(master, word.getInt(0));
      } catch (ErrnoException e) {
        master.close();
        throw e;
      }
    }
  }

  /** Where programs open it. */
  public Path path() {
    return Path.of("/dev/pts", Integer.toString(number));
  }

  @Override
  public void close() {
    master.close();
  }
}
