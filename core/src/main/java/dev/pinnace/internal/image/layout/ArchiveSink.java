package dev.pinnace.internal.image.layout;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;

/** Where the files of an archive go, by relative path, in the order in which they are written. */
interface ArchiveSink extends Closeable {
  /** Makes a directory. */
  void directory(String path) throws IOException;

  /**
   * Writes a file.
   *
   * @param size its length, which {@code content} writes exactly
   */
  void file(String path, long size, Content content) throws IOException;

  /** Ends the archive. */
  @Override
  void close() throws IOException;

  /** Writes content. */
  interface Content {
    void to(OutputStream out) throws IOException;
  }
}
