package dev.pinnace.linux.file;

/**
 * A name in a directory.
 *
 * @param name the name, see {@link FileName}
 * @param type its type, {@link FileType#UNKNOWN} where the file system does not say (xfs without
 *     ftype)
 * @param inode its inode number
 */
public record DirEntry(String name, FileType type, long inode) {}
