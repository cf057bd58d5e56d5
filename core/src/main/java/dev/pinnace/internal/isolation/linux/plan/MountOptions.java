package dev.pinnace.internal.isolation.linux.plan;

import static dev.pinnace.linux.plan.Constants.*;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.linux.plan.Named;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The options of a mount, sorted by who understands them.
 *
 * @param attributes of the mount
 * @param recursive whether a bind takes the mounts below its source along
 * @param file whether a bind's source is not a directory
 * @param filesystem {@code key} or {@code key=value} for the file system
 */
record MountOptions(
    List<Named> attributes, boolean recursive, boolean file, List<String> filesystem) {
  /** Said by the engine, which has looked: the source of a bind is not a directory. */
  static final String FILE = "x-pinnace.file";

  private static final Set<String> DEFAULTS =
      Set.of("rw", "suid", "dev", "exec", "bind", "rbind", "private", "rprivate", "relatime", FILE);

  /**
   * Reads options of mount(8).
   *
   * @throws InvalidSpecException for one that a bind mount does not know
   */
  static MountOptions parse(String type, List<String> options) {
    List<Named> attributes = new ArrayList<>();
    List<String> filesystem = new ArrayList<>();
    for (String option : options) {
      switch (option) {
        case "ro" -> attributes.add(MOUNT_ATTR_RDONLY);
        case "nosuid" -> attributes.add(MOUNT_ATTR_NOSUID);
        case "nodev" -> attributes.add(MOUNT_ATTR_NODEV);
        case "noexec" -> attributes.add(MOUNT_ATTR_NOEXEC);
        case "suid" -> attributes.remove(MOUNT_ATTR_NOSUID);
        case "dev" -> attributes.remove(MOUNT_ATTR_NODEV);
        case "exec" -> attributes.remove(MOUNT_ATTR_NOEXEC);
        default -> {
          if (!DEFAULTS.contains(option)) {
            filesystem.add(option);
          }
        }
      }
    }
    if (type.equals("bind") && !filesystem.isEmpty()) {
      throw new InvalidSpecException(
          "a bind mount does not know the option "
              + filesystem.get(0)
              + ": ro, rw, nosuid, nodev, noexec, bind, rbind and rprivate are known");
    }
    return new MountOptions(
        attributes, !options.contains("bind"), options.contains(FILE), filesystem);
  }
}
