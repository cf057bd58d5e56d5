package dev.pinnace.internal.volume;

import dev.pinnace.error.CorruptException;
import dev.pinnace.internal.durable.Durable;
import dev.pinnace.internal.durable.FaultPoints;
import dev.pinnace.internal.storage.Attributes;
import dev.pinnace.internal.storage.Trees;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.Fcntl;
import dev.pinnace.linux.file.LockFile;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fills an empty directory that is not in the engine's root. The files are copied into a directory
 * in it, which gets another name once it has them all; then they are moved to their places, over
 * nothing. The names have a number that the volume's own directory remembers, so that whoever finds
 * that there removes a part, or goes on with the whole.
 */
final class ForeignFilling {
  private static final Logger LOG = LoggerFactory.getLogger(ForeignFilling.class);
  private static final String MARK = "filling";
  private static final int LARGEST = 64;
  private static final Pattern NUMBER = Pattern.compile("[0-9a-f]{1,16}");
  private static final String PART = ".pinnace-filling-";
  private static final String WHOLE = ".pinnace-filled-";
  private static final int OWNERS_ALL = 0700;

  private final String name;
  private final Dir volume;
  private final Dir data;

  /**
   * Prepares it.
   *
   * @param volume the directory of the engine's root
   * @param data that of the files
   */
  ForeignFilling(String name, Dir volume, Dir data) {
    this.name = name;
    this.volume = volume;
    this.data = data;
  }

  void fill(VolumeFilling.Source source, boolean sync) {
    try (LockFile lock = VolumeFilling.lock(name, volume)) {
      finish();
      if (!data.entries().isEmpty()) {
        return;
      }
      String number = Long.toHexString(ThreadLocalRandom.current().nextLong());
      Durable.write(volume, MARK, number.getBytes(StandardCharsets.US_ASCII), true);
      FaultPoints.reached("foreign filling marked");
      try {
        copy(number, source, sync);
      } catch (RuntimeException | Error failure) {
        finish();
        throw failure;
      }
      FaultPoints.reached("foreign volume filled");
      finish();
    }
  }

  private void copy(String number, VolumeFilling.Source source, boolean sync) {
    data.mkdir(PART + number, OWNERS_ALL);
    try (Dir part = data.openDir(PART + number)) {
      part.mkdir(VolumeFilling.CONTENT, OWNERS_ALL);
      part.mkdir(VolumeFilling.LIKE, OWNERS_ALL);
      boolean isDirectory;
      boolean hasFiles;
      try (Dir content = part.openDir(VolumeFilling.CONTENT)) {
        isDirectory = source.copy(content, part, VolumeFilling.LIKE);
        hasFiles = !content.entries().isEmpty();
      }
      if (!isDirectory) {
        return;
      }
      if (hasFiles && sync) {
        part.syncFileSystem();
      }
    }
    FaultPoints.reached("foreign volume copied");
    data.rename(PART + number, data, WHOLE + number, Dir.Replace.NO_REPLACE);
  }

  /** Whether there is something to settle. */
  static boolean isBegun(Dir volume) {
    return volume.exists(MARK);
  }

  /** Ends what a killed process has begun. */
  void settle() {
    try (LockFile lock = VolumeFilling.lock(name, volume)) {
      finish();
    }
  }

  /** Needs the lock. */
  private void finish() {
    if (!volume.exists(MARK)) {
      return;
    }
    String number = number();
    if (data.exists(WHOLE + number)) {
      try (Dir whole = data.openDir(WHOLE + number);
          Dir content = whole.openDir(VolumeFilling.CONTENT)) {
        for (String child : content.list()) {
          VolumeFilling.move(content, child, data);
        }
        attributes(whole);
      }
      Trees.remove(data, WHOLE + number);
    }
    if (data.exists(PART + number)) {
      Trees.remove(data, PART + number);
    }
    volume.unlink(MARK);
  }

  /** An ordinary user may write to a directory that is another's, whose attributes stay then. */
  private void attributes(Dir whole) {
    try {
      Attributes.copy(whole, VolumeFilling.LIKE, whole.stat(VolumeFilling.LIKE), data, ".");
    } catch (ErrnoException refusal) {
      if (!refusal.is(Errno.EPERM)) {
        throw refusal;
      }
      LOG.warn(
          "volume {} is filled, but its directory keeps its owner and mode: {}",
          name,
          refusal.getMessage());
    }
  }

  private String number() {
    try (Fd file = volume.open(MARK, Fcntl.O_RDONLY | Fcntl.O_NONBLOCK, 0)) {
      String number = new String(file.readAll(LARGEST), StandardCharsets.US_ASCII);
      if (!NUMBER.matcher(number).matches()) {
        throw new CorruptException(
            volume + "/" + MARK + " is damaged: remove it, and what a filling has left in " + data);
      }
      return number;
    }
  }
}
