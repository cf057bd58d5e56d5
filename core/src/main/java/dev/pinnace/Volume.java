package dev.pinnace;

import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.VolumeState;

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

  /** What its files take on the disk: walks them all. */
  Bytes size();

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
