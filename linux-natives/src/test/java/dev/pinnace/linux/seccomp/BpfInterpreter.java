package dev.pinnace.linux.seccomp;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Runs an encoded filter as the kernel does, with the kernel's own checks of what may be there. */
final class BpfInterpreter {
  private static final int DATA_BYTES = 64;

  private final ByteBuffer code;
  private final int length;
  private int steps;

  BpfInterpreter(byte[] program) {
    this.code = ByteBuffer.wrap(program).order(ByteOrder.LITTLE_ENDIAN);
    this.length = program.length / 8;
  }

  /** Instructions that the last run took. */
  int steps() {
    return steps;
  }

  int run(int number, int architecture, long... arguments) {
    ByteBuffer data = ByteBuffer.allocate(DATA_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    data.putInt(number).putInt(architecture).putLong(0x7f0000001000L);
    for (long argument : arguments) {
      data.putLong(argument);
    }
    int accumulator = 0;
    steps = 0;
    for (int at = 0; ; at++) {
      if (at < 0 || at >= length) {
        throw new IllegalStateException("ran out of the program at " + at);
      }
      steps++;
      int operation = code.getShort(8 * at) & 0xFFFF;
      int yes = code.get(8 * at + 2) & 0xFF;
      int no = code.get(8 * at + 3) & 0xFF;
      int k = code.getInt(8 * at + 4);
      switch (operation) {
        case 0x20 -> {
          if (k < 0 || k > DATA_BYTES - 4 || k % 4 != 0) {
            throw new IllegalStateException("load at offset " + k);
          }
          accumulator = data.getInt(k);
        }
        case 0x54 -> accumulator &= k;
        case 0x05 -> at += k;
        case 0x15 -> at += accumulator == k ? yes : no;
        case 0x25 -> at += Integer.compareUnsigned(accumulator, k) > 0 ? yes : no;
        case 0x35 -> at += Integer.compareUnsigned(accumulator, k) >= 0 ? yes : no;
        case 0x45 -> at += (accumulator & k) != 0 ? yes : no;
        case 0x06 -> {
          return k;
        }
        default -> throw new IllegalStateException("operation " + operation + " at " + at);
      }
    }
  }
}
