package dev.pinnace.internal.layer;

import dev.pinnace.linux.file.FileType;

/** What a tar entry makes, with the type flag of POSIX.1-2001 pax, <i>ustar</i>. */
public enum TarType {
  REGULAR('0', FileType.REGULAR),
  HARDLINK('1', FileType.UNKNOWN),
  SYMLINK('2', FileType.SYMLINK),
  CHARACTER_DEVICE('3', FileType.CHARACTER_DEVICE),
  BLOCK_DEVICE('4', FileType.BLOCK_DEVICE),
  DIRECTORY('5', FileType.DIRECTORY),
  FIFO('6', FileType.FIFO);

  private final char flag;
  private final FileType fileType;

  TarType(char flag, FileType fileType) {
    this.flag = flag;
    this.fileType = fileType;
  }

  /** The type flag in the header. */
  char flag() {
    return flag;
  }

  /** The inode's type, UNKNOWN for a hard link. */
  FileType fileType() {
    return fileType;
  }

  public boolean isDevice() {
    return this == CHARACTER_DEVICE || this == BLOCK_DEVICE;
  }
}
