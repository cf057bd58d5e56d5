package dev.pinnace.internal.image.layout;

import dev.pinnace.error.CorruptException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** An archive that lies unpacked in a directory. Links that lead outside are refused. */
final class DirectoryArchive implements ArchiveFiles {
  private final Path directory;
  private final Path real;

  DirectoryArchive(Path directory) throws IOException {
    this.directory = directory;
    this.real = directory.toRealPath();
  }

  @Override
  public String name() {
    return directory.toString();
  }

  @Override
  public boolean has(String path) throws IOException {
    Path file = real.resolve(ArchiveFiles.normalise(path, name()));
    return Files.exists(file) && Files.isRegularFile(inside(file, path));
  }

  @Override
  public InputStream open(String path) throws IOException {
    if (!has(path)) {
      throw missing(path);
    }
    return Files.newInputStream(inside(real.resolve(ArchiveFiles.normalise(path, name())), path));
  }

  private Path inside(Path file, String path) throws IOException {
    Path resolved = file.toRealPath();
    if (!resolved.startsWith(real)) {
      throw new CorruptException(
          path + " in " + name() + " is a link that leads outside of it, to " + resolved);
    }
    return resolved;
  }

  @Override
  public void close() {}
}
