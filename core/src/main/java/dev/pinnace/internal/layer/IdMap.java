package dev.pinnace.internal.layer;

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

  private int map(int stored, long first) {
    long id = (stored & 0xFFFFFFFFL) - first;
    return id >= 0 && id < size ? (int) id : OVERFLOW;
  }
}
