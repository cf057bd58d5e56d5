package dev.pinnace.spec;

import dev.pinnace.error.InvalidSpecException;

/**
 * A user and a group of the host by their numbers.
 *
 * @param uid 0 to 4294967294
 * @param gid 0 to 4294967294
 */
public record Owner(long uid, long gid) {
  private static final long LAST = 4_294_967_294L;

  public Owner {
    check("user", uid);
    check("group", gid);
  }

  /**
   * Reads {@code 1000:100}, or {@code 1000} for {@code 1000:1000}.
   *
   * @throws InvalidSpecException for anything else
   */
  public static Owner parse(String text) {
    String[] parts = text.split(":", -1);
    if (!text.matches("[0-9]{1,10}(:[0-9]{1,10})?")) {
      throw new InvalidSpecException(
          "\"" + text + "\" is no owner: write UID or UID:GID, as in 1000:100");
    }
    return new Owner(Long.parseLong(parts[0]), Long.parseLong(parts[parts.length - 1]));
  }

  private static void check(String what, long id) {
    if (id < 0 || id > LAST) {
      throw new InvalidSpecException("a " + what + " has a number of 0 to " + LAST + ", not " + id);
    }
  }

  /** {@code 1000:100}. */
  @Override
  public String toString() {
    return uid + ":" + gid;
  }
}
