package dev.pinnace.spec;

import dev.pinnace.error.InvalidSpecException;
import java.nio.file.Path;
import java.util.List;

/**
 * A device node of the host that a container gets, or all those in a directory.
 *
 * @param host its path on the host
 * @param container its path in the container
 * @param access what the container may do: letters of {@code r}, {@code w} and {@code m} (mknod)
 */
public record DeviceMapping(String host, String container, String access) {
  private static final Path DEV = Path.of("/dev");

  /** What in /dev is no place for a device: file systems, and links. */
  private static final List<String> TAKEN =
      List.of("pts", "shm", "mqueue", "fd", "stdin", "stdout", "stderr", "ptmx");

  /**
   * Reads {@code HOST[:CONTAINER][:ACCESS]}: in the container it has the host's path by default,
   * and may be used in every way.
   *
   * @throws InvalidSpecException when {@code text} is nothing of that kind
   */
  public static DeviceMapping parse(String text) {
    String[] parts = text.split(":", -1);
    int last = parts.length - 1;
    boolean limited = last > 0 && !parts[last].startsWith("/");
    String access = limited ? parts[last] : "rwm";
    int paths = limited ? last : parts.length;
    if (paths > 2 || !access.matches("[rwm]{1,3}")) {
      throw wrong(text, "write HOST[:CONTAINER][:ACCESS], ACCESS of the letters r, w and m");
    }
    String container = paths == 2 ? parts[1] : parts[0];
    if (!parts[0].startsWith("/") || text.indexOf('\0') >= 0) {
      throw wrong(text, "it is an absolute path of the host");
    }
    Path target = Path.of(container).normalize();
    if (!container.startsWith("/") || target.getNameCount() < 1 || target.equals(DEV)) {
      throw wrong(text, "a device appears in the container on an absolute path, not " + container);
    }
    if (target.startsWith("/proc") || target.startsWith("/sys")) {
      throw wrong(text, "there is no place for it below /proc and /sys");
    }
    refuseTaken(text, target);
    return new DeviceMapping(parts[0], target.toString(), access);
  }

  private static void refuseTaken(String text, Path target) {
    String name = target.getNameCount() > 1 ? target.getName(1).toString() : "";
    if (target.startsWith(DEV) && TAKEN.contains(name)) {
      throw new InvalidSpecException(
          "the device \""
              + text
              + "\" cannot be there, for every container has a /dev/"
              + name
              + " of its own: choose another place");
    }
  }

  private static InvalidSpecException wrong(String text, String why) {
    return new InvalidSpecException("\"" + text + "\" is not a device of the host: " + why);
  }
}
