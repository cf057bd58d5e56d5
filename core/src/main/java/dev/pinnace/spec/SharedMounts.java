package dev.pinnace.spec;

import dev.pinnace.error.InvalidSpecException;
import java.util.List;

/** What cannot be shared with the host: what is mounted below a shared bind would be on it too. */
final class SharedMounts {
  private SharedMounts() {}

  /**
   * Refuses mounts that would appear on the host.
   *
   * @throws InvalidSpecException with what to do
   */
  static void check(List<Mount> mounts) {
    for (Mount upper : mounts) {
      if (upper.propagation().isShared()) {
        refuseSys(upper);
        mounts.forEach(lower -> refuseBelow(upper, lower));
      }
    }
  }

  private static void refuseSys(Mount shared) {
    if (shared.target().startsWith("/sys/")) {
      throw new InvalidSpecException(
          "the mount on "
              + shared.target()
              + " cannot be shared: what of /sys is hidden from the container would be hidden on"
              + " the host");
    }
  }

  private static void refuseBelow(Mount upper, Mount lower) {
    if (lower.target().startsWith(upper.target() + "/")) {
      throw new InvalidSpecException(
          "the mount on "
              + lower.target()
              + " would be mounted on the host too, below "
              + upper.source().map(Object::toString).orElse("")
              + ", with which "
              + upper.target()
              + " is shared: mount it elsewhere, or make that one a slave");
    }
  }
}
