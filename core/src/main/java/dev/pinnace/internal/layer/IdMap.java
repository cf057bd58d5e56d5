package dev.pinnace.internal.layer;

import java.util.Optional;

/**
 * Whose a file is in the container, of one that the host's ids own on the disk.
 *
 * @param uid the host's user that is the container's user 0
 * @param gid the host's group that is the container's group 0
 * @param size how many ids from there on are the container's
 */
public record IdMap(long uid, long gid, long size) {
  /** The ids on the disk are those of the container. */
  public static final IdMap NONE = new IdMap(0, 0, 1L << 32);

  /** What the kernel shows of ids that a user namespace does not have. */
  private static final int OVERFLOW = 65534;

  int user(int stored) {
    return map(stored, uid);
  }

  int group(int stored) {
    return map(stored, gid);
  }

  /** Whose a file is on the disk that is {@code id}'s in the container; empty where nobody is. */
  public Optional<Integer> storedUser(int id) {
    return stored(id, uid);
  }

  /** The same for a group. */
  public Optional<Integer> storedGroup(int id) {
    return stored(id, gid);
  }

  private Optional<Integer> stored(int id, long first) {
    long wanted = id & 0xFFFFFFFFL;
    return wanted < size ? Optional.of((int) (wanted + first)) : Optional.empty();
  }

  private int map(int stored, long first) {
    long id = (stored & 0xFFFFFFFFL) - first;
    return id >= 0 && id < size ? (int) id : OVERFLOW;
  }
}
