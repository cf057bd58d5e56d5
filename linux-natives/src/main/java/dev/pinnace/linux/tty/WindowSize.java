package dev.pinnace.linux.tty;

/**
 * The size of a terminal in characters (ioctl_tty(2)).
 *
 * @param rows its height, 0 where nobody has set it
 * @param columns its width
 */
public record WindowSize(int rows, int columns) {
  /** The largest number of either. */
  public static final int MOST = 0xFFFF;

  public WindowSize {
    if (rows < 0 || rows > MOST || columns < 0 || columns > MOST) {
      throw new IllegalArgumentException(
          "a terminal has 0 to " + MOST + " rows and columns, not " + rows + " and " + columns);
    }
  }
}
