package dev.pinnace.internal.layer;

import dev.pinnace.linux.file.FileName;

/**
 * One header block: v7, ustar (POSIX.1-1988) and what GNU tar and star made of it. What is
 * malformed is an {@link IllegalArgumentException}. Not thread-safe.
 */
final class TarHeader {
  static final int BLOCK = 512;
  private static final int CHECKSUM = 148;
  private static final int CHECKSUM_END = 156;

  private final byte[] bytes;

  TarHeader(byte[] block) {
    this.bytes = block;
  }

  /** The block itself, to be filled. */
  byte[] bytes() {
    return bytes;
  }

  /** Whether it is the end marker. */
  boolean isZero() {
    for (byte value : bytes) {
      if (value != 0) {
        return false;
      }
    }
    return true;
  }

  /** Checks the sum, which old programs made of signed bytes. */
  void verify() {
    long unsigned = 0;
    long signed = 0;
    for (int i = 0; i < BLOCK; i++) {
      byte value = i >= CHECKSUM && i < CHECKSUM_END ? (byte) ' ' : bytes[i];
      unsigned += value & 0xFF;
      signed += value;
    }
    long expected;
    try {
      expected = TarNumber.parse(bytes, CHECKSUM, 8);
    } catch (IllegalArgumentException malformed) {
      throw new IllegalArgumentException("its header has no checksum", malformed);
    }
    if (expected != unsigned && expected != signed) {
      throw new IllegalArgumentException("its header's checksum is wrong");
    }
  }

  char flag() {
    return (char) (bytes[156] & 0xFF);
  }

  /** Its own name; ustar splits long ones, star keeps times in the prefix's end. */
  String name() {
    String name = field(0, 100);
    boolean posix = bytes[262] == 0 && field(257, 6).equals("ustar");
    boolean star = field(508, 4).equals("tar");
    String prefix = posix ? field(345, star ? 131 : 155) : "";
    return prefix.isEmpty() ? name : prefix + "/" + name;
  }

  String linkName() {
    return field(157, 100);
  }

  private String field(int from, int length) {
    int end = from;
    while (end < from + length && bytes[end] != 0) {
      end++;
    }
    return FileName.decode(bytes, from, end - from);
  }

  /** Bytes that follow, without padding. */
  long size() {
    long size = TarNumber.parse(bytes, 124, 12);
    if (size < 0 || size > Long.MAX_VALUE - BLOCK) {
      throw new IllegalArgumentException("its size is out of range");
    }
    return size;
  }

  /** Of a sparse file in GNU tar's first format: the size with its holes. */
  long realSize() {
    return TarNumber.parse(bytes, 483, 12);
  }

  int permissions() {
    return (int) TarNumber.parse(bytes, 100, 8) & 07777;
  }

  long uid() {
    return TarNumber.parse(bytes, 108, 8);
  }

  long gid() {
    return TarNumber.parse(bytes, 116, 8);
  }

  /** Seconds since the epoch. */
  long modified() {
    return TarNumber.parse(bytes, 136, 12);
  }

  int deviceMajor() {
    return device(329, 0xFFF);
  }

  int deviceMinor() {
    return device(337, 0xFFFFF);
  }

  private int device(int at, int largest) {
    long value = TarNumber.parse(bytes, at, 8);
    if (value < 0 || value > largest) {
      throw new IllegalArgumentException("its device number " + value + " is out of range");
    }
    return (int) value;
  }

  /** What an entry called {@code name} makes; in v7 a slash at the end made a directory. */
  TarType type(String name) {
    return switch (flag()) {
      case '0', '\0', '7' -> name.endsWith("/") ? TarType.DIRECTORY : TarType.REGULAR;
      case 'S' -> TarType.REGULAR;
      case '1' -> TarType.HARDLINK;
      case '2' -> TarType.SYMLINK;
      case '3' -> TarType.CHARACTER_DEVICE;
      case '4' -> TarType.BLOCK_DEVICE;
      case '5' -> TarType.DIRECTORY;
      case '6' -> TarType.FIFO;
      default ->
          throw new IllegalArgumentException(
              "its type flag 0x" + Integer.toHexString(flag()) + " is not known");
    };
  }
}
