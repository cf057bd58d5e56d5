package dev.pinnace.internal.content;

import dev.pinnace.internal.durable.Durable;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A little space, taken while there is some: who removes something from a disk that is full writes
 * a little first, and gives this up for it. Thread-safe.
 */
public final class Reserve {
  private static final Logger LOG = LoggerFactory.getLogger(Reserve.class);
  private static final int SIZE = 256 * 1024;

  private final Path file;

  Reserve(Path file) {
    this.file = file;
  }

  /** Takes the space, unless it is taken or there is none. */
  public void take() {
    if (Files.exists(file)) {
      return;
    }
    byte[] content = new byte[SIZE];
    // What can be compressed takes no space on some file systems.
    ThreadLocalRandom.current().nextBytes(content);
    try {
      Durable.write(file, content, false);
    } catch (IOException full) {
      LOG.debug("there is no space to reserve", full);
    }
  }

  /**
   * Gives the space up if {@code failure} comes from a full disk.
   *
   * @return whether what failed can be tried again
   */
  public boolean giveUp(Throwable failure) {
    if (!isFull(failure)) {
      return false;
    }
    try {
      return Files.deleteIfExists(file);
    } catch (IOException refusal) {
      failure.addSuppressed(refusal);
      return false;
    }
  }

  private static boolean isFull(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof ErrnoException refusal && refusal.is(Errno.ENOSPC, Errno.EDQUOT)) {
        return true;
      }
    }
    return false;
  }
}
