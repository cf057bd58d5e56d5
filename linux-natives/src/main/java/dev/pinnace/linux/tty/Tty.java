package dev.pinnace.linux.tty;

import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.internal.jna.NativeMemory;
import dev.pinnace.linux.internal.jna.Sys;
import java.util.Optional;

/**
 * A terminal that this process has open, by the number of its descriptor, which stays its owner's
 * (ioctl_tty(2)). Thread-safe.
 */
public final class Tty {
  private static final int TCGETS = 0x5401;
  private static final int TIOCGWINSZ = 0x5413;
  private static final int TIOCSWINSZ = 0x5414;
  private static final int WINSIZE_SIZE = 8;

  private final int descriptor;

  private Tty(int descriptor) {
    this.descriptor = descriptor;
  }

  /** Empty where that descriptor is no terminal, or closed. */
  public static Optional<Tty> of(int descriptor) {
    try (NativeMemory termios = NativeMemory.of(RawMode.TERMIOS_SIZE)) {
      boolean terminal = Sys.IOCTL.attempt(descriptor, TCGETS, termios.address(), 0, 0, 0) == 0;
      return terminal ? Optional.of(new Tty(descriptor)) : Optional.empty();
    }
  }

  public WindowSize size() {
    try (NativeMemory size = NativeMemory.of(WINSIZE_SIZE)) {
      Sys.IOCTL.on(toString(), descriptor, TIOCGWINSZ, size.address());
      return new WindowSize(size.getShort(0) & 0xFFFF, size.getShort(2) & 0xFFFF);
    }
  }

  /** Sets the size of the terminal behind {@code fd}; its foreground processes get SIGWINCH. */
  public static void resize(Fd fd, WindowSize size) {
    try (NativeMemory winsize = NativeMemory.of(WINSIZE_SIZE)) {
      winsize.putShort(0, (short) size.rows()).putShort(2, (short) size.columns());
      Sys.IOCTL.on(fd.toString(), fd.number(), TIOCSWINSZ, winsize.address());
    }
  }

  /**
   * Has every key come as it is typed, and nothing shown but what is written (cfmakeraw(3)), until
   * the result is closed.
   *
   * @throws ErrnoException EIO if it is hung up
   */
  public RawMode raw() {
    return RawMode.begin(descriptor);
  }

  @Override
  public String toString() {
    return "terminal [fd " + descriptor + "]";
  }
}
