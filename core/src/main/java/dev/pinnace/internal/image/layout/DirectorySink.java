package dev.pinnace.internal.image.layout;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** An archive that lies unpacked in a directory. */
final class DirectorySink implements ArchiveSink {
  private final Path root;

  DirectorySink(Path root) {
    this.root = root;
  }

  @Override
  public void directory(String path) throws IOException {
    Files.createDirectory(root.resolve(path));
  }

  @Override
  public void file(String path, long size, Content content) throws IOException {
    try (OutputStream out =
        Files.newOutputStream(
            root.resolve(path), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      content.to(out);
    }
  }

  @Override
  public void close() {}
}
