package dev.pinnace.internal.isolation.linux;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.internal.isolation.linux.plan.HostFacts;
import dev.pinnace.linux.file.MountInfo;
import dev.pinnace.linux.file.Mounts;
import dev.pinnace.oci.RuntimeConfig;
import dev.pinnace.oci.RuntimeConfig.Mount;
import dev.pinnace.oci.RuntimeConfig.NamespaceType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Refuses mounts that could not propagate as they are asked to (mount_namespaces(7)). */
final class Propagating {
  /** They wait in registers of the launch plan, of which there are few. */
  private static final int MOST = 12;

  private Propagating() {}

  static void check(RuntimeConfig config, HostFacts host) {
    check(config, host, Mounts::list);
  }

  /**
   * @param table mounts of the host; asked for if it matters
   */
  static void check(RuntimeConfig config, HostFacts host, Supplier<List<MountInfo>> table) {
    List<Mount> asked = config.mounts().stream().filter(mount -> mode(mount).isPresent()).toList();
    if (asked.isEmpty()) {
      return;
    }
    if (asked.size() > MOST) {
      throw new InvalidSpecException(
          "mounts of a container can propagate in "
              + MOST
              + " places, not in "
              + asked.size()
              + ": bind a directory above several of them");
    }
    List<MountInfo> mounts = table.get();
    for (Mount mount : asked) {
      String mode = mode(mount).orElseThrow();
      refuseOfOthers(mount, mode, config, host);
      refusePrivate(mount, mode, mounts);
    }
  }

  private static Optional<String> mode(Mount mount) {
    return mount.options().stream()
        .filter(option -> option.matches("r?(shared|slave)"))
        .reduce((first, last) -> last);
  }

  private static boolean isShared(String mode) {
    return mode.endsWith("shared");
  }

  private static void refuseOfOthers(
      Mount mount, String mode, RuntimeConfig config, HostFacts host) {
    if (!isShared(mode)) {
      return;
    }
    String what = "the propagation " + mode + " of the mount on " + mount.destination();
    if (!host.rootful()) {
      throw new UnsupportedException(
          what,
          "what an ordinary user mounts never appears on the host",
          "use rslave, or run the JVM as root");
    }
    if (config.linux().has(NamespaceType.USER)) {
      throw new UnsupportedException(
          what,
          "what the root of a user namespace mounts never appears on the host",
          "use rslave, or leave the user map out");
    }
  }

  /** The kernel would take it, and nothing would ever propagate. */
  private static void refusePrivate(Mount mount, String mode, List<MountInfo> mounts) {
    MountInfo on = mountOf(mount, mounts);
    boolean receives = on.optional().stream().anyMatch(field -> field.startsWith("master:"));
    if (on.isShared() || (receives && !isShared(mode))) {
      return;
    }
    throw new InvalidSpecException(
        "the mount on "
            + mount.destination()
            + " cannot be "
            + mode
            + ": its source "
            + mount.source()
            + " is on the mount "
            + on.target()
            + ", which is not shared"
            + (isShared(mode) ? "" : " and receives nothing either")
            + "; make it so with mount --make-shared "
            + on.target()
            + ", or use rprivate");
  }

  private static MountInfo mountOf(Mount mount, List<MountInfo> mounts) {
    Path source = real(mount);
    return mounts.stream()
        .filter(candidate -> source.startsWith(candidate.target()))
        .reduce(
            (best, next) ->
                Path.of(next.target()).getNameCount() >= Path.of(best.target()).getNameCount()
                    ? next
                    : best)
        .orElseThrow(
            () ->
                new InvalidSpecException(
                    "the source of the mount on "
                        + mount.destination()
                        + " is on none of the mounts that this process sees: "
                        + source));
  }

  private static Path real(Mount mount) {
    try {
      return Path.of(mount.source()).toRealPath();
    } catch (IOException e) {
      throw new InvalidSpecException(
          "cannot look at the source of the mount on "
              + mount.destination()
              + ": "
              + mount.source(),
          e);
    }
  }
}
