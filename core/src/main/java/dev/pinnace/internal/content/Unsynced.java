package dev.pinnace.internal.content;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.internal.durable.BootId;
import dev.pinnace.internal.durable.FaultPoints;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.LockFile;
import dev.pinnace.spec.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Says of blobs and unpacked layers that they were published before they were on the disk: {@code
 * content/unsynced/BOOT-HEX}, one digest per line, itself on the disk before any of them is
 * visible. The page cache survives the death of a process, so in the boot that the file names they
 * are whole. In any other they may not be, and are {@linkplain ContentStore#suspects suspects}. It
 * is locked while its work goes on. For one thread.
 */
public final class Unsynced implements AutoCloseable {
  private final Path directory;
  private Optional<LockFile> file = Optional.empty();

  Unsynced(Path directory) {
    this.directory = directory;
  }

  /** Says it of these; they may be published when this returns. */
  public void add(Set<Digest> digests) throws IOException {
    if (digests.isEmpty()) {
      return;
    }
    LockFile marks = file.isPresent() ? file.get() : begin();
    StringBuilder lines = new StringBuilder();
    digests.forEach(digest -> lines.append(digest).append('\n'));
    marks.fd().write(lines.toString().getBytes(StandardCharsets.US_ASCII));
    marks.fd().sync();
    try (Dir dir = Dir.open(directory)) {
      dir.sync();
    }
    FaultPoints.reached("marked as not synced");
  }

  private LockFile begin() throws IOException {
    Files.createDirectories(directory);
    LockFile marks = Locks.exclusive(directory, BootId.current() + "-" + ContentStore.randomName());
    file = Optional.of(marks);
    return marks;
  }

  /** Ends the work; what it says stays true until everything is on the disk. */
  @Override
  public void close() {
    file.ifPresent(LockFile::close);
  }

  /** The files of work that has ended, of this boot or of others. */
  static List<Path> ended(Path directory, boolean thisBoot) throws IOException {
    List<Path> ended = new ArrayList<>();
    String boot = BootId.current();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory);
        Dir dir = Dir.open(directory)) {
      for (Path file : files) {
        String fileName = String.valueOf(file.getFileName());
        if (fileName.startsWith(boot + "-") != thisBoot) {
          continue;
        }
        try (LockFile lock = LockFile.open(dir, fileName)) {
          if (lock.tryLock(LockFile.Mode.EXCLUSIVE)) {
            ended.add(file);
          }
        }
      }
    } catch (NoSuchFileException nothing) {
      return List.of();
    }
    return ended;
  }

  static Set<Digest> read(Path file) throws IOException {
    Set<Digest> digests = new HashSet<>();
    for (String line : Files.readAllLines(file, StandardCharsets.ISO_8859_1)) {
      try {
        digests.add(Digest.parse(line));
      } catch (InvalidSpecException torn) {
        // The host lost power while it was written: what it was to say had not begun.
      }
    }
    return digests;
  }
}
