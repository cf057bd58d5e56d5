package dev.pinnace.linux.file;

/** What an inode is, by the S_IFMT bits of linux/stat.h. */
public enum FileType {
  FIFO(0010000, 1),
  CHARACTER_DEVICE(0020000, 2),
  DIRECTORY(0040000, 4),
  BLOCK_DEVICE(0060000, 6),
  REGULAR(0100000, 8),
  SYMLINK(0120000, 10),
  SOCKET(0140000, 12),
  /** What the kernel did not say or has no name here. */
  UNKNOWN(0, 0);

  private static final int S_IFMT = 0170000;
  private static final FileType[] ALL = values();

  private final int bits;
  private final int dirent;

  FileType(int bits, int dirent) {
    this.bits = bits;
    this.dirent = dirent;
  }

  /** The S_IF* bits. */
  public int bits() {
    return bits;
  }

  /** The type in a {@code st_mode}. */
  public static FileType ofMode(int mode) {
    for (FileType type : ALL) {
      if (type.bits == (mode & S_IFMT)) {
        return type;
      }
    }
    return UNKNOWN;
  }

  /** The type in a {@code d_type} (DT_* of dirent.h). */
  static FileType ofDirent(int dirent) {
    for (FileType type : ALL) {
      if (type.dirent == dirent) {
        return type;
      }
    }
    return UNKNOWN;
  }
}
