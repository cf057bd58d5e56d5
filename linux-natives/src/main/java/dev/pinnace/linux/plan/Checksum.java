package dev.pinnace.linux.plan;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * FNV-1a over 64-bit little-endian words, the checksum of plans and exit records (docs/formats.md).
 */
public final class Checksum {
  private static final long BASIS = 0xcbf29ce484222325L;
  private static final long PRIME = 0x100000001b3L;

  private Checksum() {}

  /** The checksum of {@code bytes[from, to)}, a whole number of words. */
  public static long of(byte[] bytes, int from, int to) {
    if ((to - from) % 8 != 0) {
      throw new IllegalArgumentException(
          "the checksum is over whole words, not " + (to - from) + " bytes");
    }
    ByteBuffer words = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    long sum = BASIS;
    for (int at = from; at < to; at += 8) {
      sum = (sum ^ words.getLong(at)) * PRIME;
    }
    return sum;
  }
}
