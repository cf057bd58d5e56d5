package dev.pinnace.internal.volume;

import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.LockFile;

/**
 * A volume that cannot be removed until this is closed, whoever wants to. Also where this process
 * is killed before: then it can be.
 *
 * @param record what is written about it
 * @param dir its directory
 * @param lock on it
 * @param made whether it was made for whoever holds it
 */
public record HeldVolume(VolumeRecord record, Dir dir, LockFile lock, boolean made)
    implements AutoCloseable {
  /** What it is called. */
  public String name() {
    return record.name();
  }

  @Override
  public void close() {
    lock.close();
    dir.close();
  }
}
