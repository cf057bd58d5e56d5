package dev.pinnace.internal.durable;

import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.Fcntl;
import dev.pinnace.linux.file.Inode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * A file that has no name yet ({@code O_TMPFILE} of open(2)): until it gets one it ends with its
 * writer, however that one ends. For one thread.
 */
final class NamelessFile implements AutoCloseable {
  private static final int MODE = 0666;

  private final Dir directory;
  private final Fd file;

  private NamelessFile(Dir directory, Fd file) {
    this.directory = directory;
    this.file = file;
  }

  /** Makes one; empty where the file system or the kernel has none such, or refuses. */
  static Optional<NamelessFile> in(Path directory) {
    Dir dir;
    try {
      dir = Dir.open(directory);
    } catch (ErrnoException refusal) {
      return Optional.empty();
    }
    try {
      Fd file = dir.open("", Fcntl.O_TMPFILE | Fcntl.O_WRONLY, MODE);
      return Optional.of(new NamelessFile(dir, file));
    } catch (ErrnoException refusal) {
      dir.close();
      return Optional.empty();
    }
  }

  /** Writes it; whoever opens it closes the stream before it gets its name. */
  OutputStream open() throws IOException {
    return Files.newOutputStream(Path.of(file.procPath()), StandardOpenOption.WRITE);
  }

  /**
   * Gives it a name in its directory, of whatever has that now.
   *
   * @param spare a name that nobody has: it is the file's for a moment where there is one to
   *     replace
   */
  void name(String name, String spare) throws IOException {
    try {
      if (!linked(name)) {
        Inode.link(file, directory, spare);
        try {
          directory.rename(spare, name);
        } catch (ErrnoException refusal) {
          directory.unlink(spare);
          throw refusal;
        }
      }
    } catch (ErrnoException refusal) {
      throw new IOException(refusal.getMessage(), refusal);
    }
  }

  private boolean linked(String name) {
    try {
      Inode.link(file, directory, name);
      return true;
    } catch (ErrnoException refusal) {
      if (refusal.is(Errno.EEXIST)) {
        return false;
      }
      throw refusal;
    }
  }

  @Override
  public void close() {
    file.close();
    directory.close();
  }
}
