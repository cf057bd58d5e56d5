package dev.pinnace;

import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.VolumeState;
import java.io.OutputStream;

/**
 * A handle of a volume: it holds nothing, and the volume may be removed meanwhile. Thread-safe;
 * equal by root and name. Every method but {@link #name} throws {@link
 * dev.pinnace.error.NotFoundException} once it is removed, and {@link
 * dev.pinnace.error.CorruptException} where what is written about it cannot be read.
 */
public interface Volume {
  /** Its name. */
  String name();

  /** Everything there is to know about it now. */
  VolumeState inspect();

  /**
   * What its files take on the disk: walks them all. A driver mounts the volume for as long.
   *
   * @throws dev.pinnace.error.UnsupportedException if they are mounted in containers only
   */
  Bytes size();

  /**
   * Writes its files as a tar, with owners, modes, times in seconds, extended attributes and hard
   * links; {@link Volumes#restore} makes a volume of that. The containers that run with it stand
   * still meanwhile, so that it has the files of one moment. The stream is flushed, and stays open.
   *
   * @throws dev.pinnace.error.UnsupportedException if one of them cannot be paused, or if the files
   *     are mounted in containers only
   * @throws dev.pinnace.error.ConflictException if another one is started meanwhile
   * @throws dev.pinnace.error.PinnaceException if the stream fails
   * @throws dev.pinnace.error.CancelledException if the thread is interrupted
   */
  void backup(OutputStream tar);

  /**
   * The same.
   *
   * @param pause whether they stand still; without that what they write meanwhile may be there in
   *     part
   */
  void backup(OutputStream tar, boolean pause);

  /**
   * Removes it with its files.
   *
   * @throws dev.pinnace.error.ConflictException while containers use it, with their names
   */
  void remove();

  /**
   * The same.
   *
   * @param force whether one that is gone is no error, and one whose record cannot be read is
   *     removed too; one that is used is refused nevertheless
   */
  void remove(boolean force);
}
