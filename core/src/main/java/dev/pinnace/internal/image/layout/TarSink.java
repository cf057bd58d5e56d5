package dev.pinnace.internal.image.layout;

import dev.pinnace.internal.layer.TarEntry;
import dev.pinnace.internal.layer.TarWriter;
import java.io.IOException;
import java.io.OutputStream;

/** An archive in a tar: owned by root, at the beginning of 1970, so that it is always the same. */
final class TarSink implements ArchiveSink {
  private final TarWriter tar;

  /** Writes to {@code out}, which is not closed. */
  TarSink(OutputStream out) {
    this.tar = new TarWriter(out);
  }

  @Override
  public void directory(String path) throws IOException {
    tar.entry(TarEntry.directory(path + "/"));
  }

  @Override
  public void file(String path, long size, Content content) throws IOException {
    tar.entry(TarEntry.file(path, size));
    content.to(
        new OutputStream() {
          @Override
          public void write(int value) throws IOException {
            write(new byte[] {(byte) value}, 0, 1);
          }

          @Override
          public void write(byte[] bytes, int from, int length) throws IOException {
            tar.write(bytes, from, length);
          }
        });
  }

  @Override
  public void close() throws IOException {
    tar.close();
  }
}
