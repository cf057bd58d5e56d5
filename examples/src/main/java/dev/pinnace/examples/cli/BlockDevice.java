package dev.pinnace.examples.cli;

import dev.pinnace.error.InvalidSpecException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The block device of flags like {@code --device-read-bps /dev/sda:1m}. */
final class BlockDevice {
  private static final int S_IFMT = 0170000;
  private static final int S_IFBLK = 0060000;

  private BlockDevice() {}

  /** What comes after the device. */
  static String value(String flag, String text) {
    int colon = text.lastIndexOf(':');
    if (colon < 1) {
      throw new InvalidSpecException(flag + " " + text + ": write DEVICE:VALUE");
    }
    return text.substring(colon + 1);
  }

  /** The device's {@code major:minor}, from the layout of dev_t that makedev(3) has on Linux. */
  static String number(String flag, String text) {
    Path node = Path.of(text.substring(0, text.lastIndexOf(':')));
    try {
      int mode = (int) Files.getAttribute(node, "unix:mode");
      if ((mode & S_IFMT) != S_IFBLK) {
        throw new InvalidSpecException(flag + ": " + node + " is not a block device");
      }
      long rdev = (long) Files.getAttribute(node, "unix:rdev");
      long major = ((rdev >>> 8) & 0xfff) | ((rdev >>> 32) & ~0xfffL);
      long minor = (rdev & 0xff) | ((rdev >>> 12) & 0xffff_ff00L);
      return major + ":" + minor;
    } catch (IOException e) {
      throw new InvalidSpecException(
          flag + ": cannot look at " + node + ": " + Failures.reason(e), e);
    }
  }

  /** As udev(7) calls it; its number where there is no such device any more. */
  static String path(String number) {
    try {
      Path device = Files.readSymbolicLink(Path.of("/sys/dev/block", number)).getFileName();
      return "/dev/" + device.toString().replace('!', '/');
    } catch (IOException gone) {
      return number;
    }
  }
}
