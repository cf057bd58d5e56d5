package dev.pinnace.internal.engine;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.internal.layer.TarEntry;
import dev.pinnace.internal.layer.TarWriter;
import dev.pinnace.spec.FileSpec;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collections;
import java.util.List;

/** A tar of one file, read as it is asked for: what it holds may be large. */
final class FileArchive {
  private static final int BLOCK = 512;
  private static final int PERMISSIONS = 0777;

  private FileArchive() {}

  /**
   * The archive.
   *
   * @param name of its one entry
   * @throws NotFoundException if the file of the host that it is of is not there
   */
  static InputStream of(FileSpec file, String name) throws IOException {
    if (file.source().isEmpty()) {
      byte[] content = file.content();
      return archive(file, name, content.length, 0644, new ByteArrayInputStream(content));
    }
    Path source = file.source().get();
    if (Files.notExists(source)) {
      throw new NotFoundException(
          "there is no file " + source + " to be copied to " + file.path() + " of the container");
    }
    if (!Files.isRegularFile(source)) {
      throw new InvalidSpecException(
          source
              + " is not a regular file, so it cannot become "
              + file.path()
              + " of the container: copy it in with copyIn");
    }
    long size = Files.size(source);
    int mode = (int) Files.getAttribute(source, "unix:mode") & PERMISSIONS;
    return archive(file, name, size, mode, new Exactly(Files.newInputStream(source), source, size));
  }

  private static InputStream archive(
      FileSpec file, String name, long size, int mode, InputStream content) throws IOException {
    try {
      TarEntry entry =
          TarEntry.file(name, size)
              .withPermissions(file.mode().orElse(mode))
              .withOwner(file.uid(), file.gid())
              .withModified(Instant.now());
      ByteArrayOutputStream header = new ByteArrayOutputStream();
      new TarWriter(header).entry(entry);
      byte[] end = new byte[(int) (-size & (BLOCK - 1)) + 2 * BLOCK];
      return new SequenceInputStream(
          Collections.enumeration(
              List.of(
                  new ByteArrayInputStream(header.toByteArray()),
                  content,
                  new ByteArrayInputStream(end))));
    } catch (RuntimeException | Error e) {
      content.close();
      throw e;
    }
  }

  /** A file that has as many bytes as it had when it was measured. */
  private static final class Exactly extends FilterInputStream {
    private final Path source;
    private long left;

    Exactly(InputStream in, Path source, long size) {
      super(in);
      this.source = source;
      this.left = size;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] into, int from, int length) throws IOException {
      int count = in.read(into, from, (int) Math.min(length, Math.max(left, 1)));
      left -= Math.max(count, 0);
      if (left < 0 || (count < 0 && left > 0)) {
        throw new IOException(source + " has changed while it was copied into a container");
      }
      return count;
    }
  }
}
