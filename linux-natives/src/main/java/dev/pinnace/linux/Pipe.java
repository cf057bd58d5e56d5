package dev.pinnace.linux;

import dev.pinnace.linux.internal.jna.NativeMemory;
import dev.pinnace.linux.internal.jna.Sys;

/**
 * A pipe whose ends are close-on-exec (pipe2(2)); the JDK's own pipes are not.
 *
 * @param readEnd what comes out
 * @param writeEnd what goes in
 */
public record Pipe(Fd readEnd, Fd writeEnd) implements AutoCloseable {
  private static final int CLOEXEC = 0x80000;

  /** Makes a pipe whose ends block. */
  public static Pipe open() {
    try (NativeMemory numbers = NativeMemory.of(8)) {
      Sys.PIPE2.on("", numbers.address(), CLOEXEC);
      return new Pipe(new Fd(numbers.getInt(0), "pipe"), new Fd(numbers.getInt(4), "pipe"));
    }
  }

  /** Closes both ends. */
  @Override
  public void close() {
    readEnd.close();
    writeEnd.close();
  }
}
