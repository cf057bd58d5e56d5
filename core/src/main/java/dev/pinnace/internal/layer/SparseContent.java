package dev.pinnace.internal.layer;

import dev.pinnace.linux.Fd;
import dev.pinnace.linux.file.WriteBuffer;

/** Writes the stored bytes of a sparse file to where its map puts them. */
final class SparseContent implements TarReader.Content {
  private final SparseMap map;
  private final Fd file;
  private final WriteBuffer buffer;
  private int part;
  private long within;

  SparseContent(SparseMap map, Fd file, WriteBuffer buffer) {
    this.map = map;
    this.file = file;
    this.buffer = buffer;
  }

  @Override
  public void accept(byte[] bytes, int from, int length) {
    int done = 0;
    while (done < length) {
      while (within == map.length(part)) {
        part++;
        within = 0;
      }
      int count = (int) Math.min(length - done, map.length(part) - within);
      buffer.writeAt(file, map.offset(part) + within, bytes, from + done, count);
      within += count;
      done += count;
    }
  }
}
