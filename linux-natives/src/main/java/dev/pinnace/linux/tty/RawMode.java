package dev.pinnace.linux.tty;

import dev.pinnace.linux.internal.jna.NativeMemory;
import dev.pinnace.linux.internal.jna.Sys;

/** A terminal in raw mode; closing it sets what was set before. Thread-safe. */
public final class RawMode implements AutoCloseable {
  static final int TERMIOS_SIZE = 36;

  private static final int TCGETS = 0x5401;
  private static final int TCSETSW = 0x5403;

  private static final int C_IFLAG = 0;
  private static final int C_OFLAG = 4;
  private static final int C_CFLAG = 8;
  private static final int C_LFLAG = 12;
  private static final int C_CC = 17;

  private static final int VTIME = 5;
  private static final int VMIN = 6;

  private static final int IGNBRK = 0x1;
  private static final int BRKINT = 0x2;
  private static final int PARMRK = 0x8;
  private static final int ISTRIP = 0x20;
  private static final int INLCR = 0x40;
  private static final int IGNCR = 0x80;
  private static final int ICRNL = 0x100;
  private static final int IXON = 0x400;
  private static final int OPOST = 0x1;
  private static final int CSIZE = 0x30;
  private static final int PARENB = 0x100;
  private static final int CS8 = 0x30;
  private static final int ISIG = 0x1;
  private static final int ICANON = 0x2;
  private static final int ECHO = 0x8;
  private static final int ECHONL = 0x40;
  private static final int IEXTEN = 0x8000;

  private final int descriptor;
  private final byte[] before;
  private boolean closed;

  private RawMode(int descriptor, byte[] before) {
    this.descriptor = descriptor;
    this.before = before;
  }

  static RawMode begin(int descriptor) {
    try (NativeMemory termios = NativeMemory.of(TERMIOS_SIZE)) {
      Sys.IOCTL.on(describe(descriptor), descriptor, TCGETS, termios.address());
      RawMode mode = new RawMode(descriptor, termios.getBytes(0, TERMIOS_SIZE));
      clear(termios, C_IFLAG, IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
      clear(termios, C_OFLAG, OPOST);
      clear(termios, C_LFLAG, ECHO | ECHONL | ICANON | ISIG | IEXTEN);
      clear(termios, C_CFLAG, CSIZE | PARENB);
      termios.putInt(C_CFLAG, termios.getInt(C_CFLAG) | CS8);
      termios.putBytes(C_CC + VTIME, new byte[] {0, 1}, 0, VMIN - VTIME + 1);
      Sys.IOCTL.on(describe(descriptor), descriptor, TCSETSW, termios.address());
      return mode;
    }
  }

  private static void clear(NativeMemory termios, int field, int flags) {
    termios.putInt(field, termios.getInt(field) & ~flags);
  }

  private static String describe(int descriptor) {
    return "terminal [fd " + descriptor + "]";
  }

  /** That the terminal is gone is no failure. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    try (NativeMemory termios = NativeMemory.of(before)) {
      long unused = Sys.IOCTL.attempt(descriptor, TCSETSW, termios.address(), 0, 0, 0);
    }
  }
}
