package dev.pinnace.spec;

import dev.pinnace.error.InvalidSpecException;

/**
 * The size of a terminal in characters. Immutable. One without rows or columns, or with more than
 * 65,535 of either, is an {@link InvalidSpecException}.
 *
 * @param rows its height
 * @param columns its width
 */
public record TerminalSize(int rows, int columns) {
  private static final int MOST = 0xFFFF;

  public TerminalSize {
    if (rows < 1 || rows > MOST || columns < 1 || columns > MOST) {
      throw new InvalidSpecException(
          "a terminal has between 1 and "
              + MOST
              + " rows and columns, not "
              + rows
              + " rows and "
              + columns
              + " columns");
    }
  }
}
