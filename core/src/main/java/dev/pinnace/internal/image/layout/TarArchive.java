package dev.pinnace.internal.image.layout;

import dev.pinnace.error.CorruptException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import org.jspecify.annotations.Nullable;

/** An archive in an uncompressed tar, read at any place. */
final class TarArchive implements ArchiveFiles {
  private static final int MOST_LINKS = 8;

  private final FileChannel tar;
  private final String name;
  private final TarIndex index;

  /** Takes ownership of {@code tar}. */
  TarArchive(FileChannel tar, String name) throws IOException {
    this.tar = tar;
    this.name = name;
    this.index = TarIndex.of(tar, name);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public boolean has(String path) {
    return find(path) != null;
  }

  @Override
  public InputStream open(String path) {
    TarIndex.Span span = find(path);
    if (span == null) {
      throw missing(path);
    }
    return new SpanStream(tar, name, span);
  }

  private TarIndex.@Nullable Span find(String path) {
    String at = ArchiveFiles.normalise(path, name);
    for (int hops = 0; hops <= MOST_LINKS; hops++) {
      String target = index.links().get(at);
      if (target == null) {
        return index.files().get(at);
      }
      at = ArchiveFiles.normalise(target, name);
    }
    throw new CorruptException(path + " in " + name + " is a link that leads nowhere");
  }

  @Override
  public void close() throws IOException {
    tar.close();
  }
}
