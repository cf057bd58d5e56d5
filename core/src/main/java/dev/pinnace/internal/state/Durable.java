package dev.pinnace.internal.state;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ThreadLocalRandom;

/** Replaces files so that a reader, now or after a crash, sees the old content or the new. */
public final class Durable {
  private Durable() {}

  /**
   * Writes a temporary file and renames it.
   *
   * @param sync whether content and name are forced to the disk
   */
  public static void write(Path file, byte[] content, boolean sync) throws IOException {
    Path temporary =
        file.resolveSibling(
            "."
                + file.getFileName()
                + "-"
                + Long.toHexString(ThreadLocalRandom.current().nextLong())
                + ".part");
    try {
      try (FileChannel out =
          FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        ByteBuffer bytes = ByteBuffer.wrap(content);
        while (bytes.hasRemaining()) {
          out.write(bytes);
        }
        if (sync) {
          out.force(true);
        }
      }
      FaultPoints.reached("written " + file.getFileName());
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
      FaultPoints.reached("renamed " + file.getFileName());
    } finally {
      Files.deleteIfExists(temporary);
    }
    if (sync) {
      syncDirectory(file.resolveSibling("."));
    }
  }

  /** Removes what a killed writer left in {@code directory}; nobody else may be writing there. */
  static void sweep(Path directory) {
    if (!Files.isDirectory(directory)) {
      return;
    }
    try (DirectoryStream<Path> left = Files.newDirectoryStream(directory, "." + "*-*.part")) {
      for (Path file : left) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot tidy " + directory, e);
    }
  }

  private static void syncDirectory(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory.normalize(), StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
