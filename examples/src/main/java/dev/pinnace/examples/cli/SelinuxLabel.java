package dev.pinnace.examples.cli;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.UnsupportedException;
import java.nio.file.Files;
import java.nio.file.Path;

/** {@code --security-opt label=...}: as with Docker it says nothing on a host without SELinux. */
final class SelinuxLabel {
  /** There where SELinux is switched on: selinux(8). */
  private static final Path SELINUX = Path.of("/sys/fs/selinux/enforce");

  private SelinuxLabel() {}

  static void check(String option) {
    check(option, SELINUX);
  }

  /** The same of a host with SELinux if {@code selinux} is there. */
  static void check(String option, Path selinux) {
    String label = option.substring("label=".length());
    if (!label.matches("disable|nested|(user|role|type|level|filetype):.+")) {
      throw new InvalidSpecException(
          "--security-opt "
              + option
              + " is no label: write label=disable, or label=user:USER, role:ROLE, type:TYPE,"
              + " level:LEVEL or filetype:TYPE");
    }
    if (!label.equals("disable") && Files.exists(selinux)) {
      throw new UnsupportedException(
          "--security-opt " + option,
          "SELinux is switched on here, and Pinnace sets no labels: processes and files of"
              + " containers keep the JVM's",
          "use label=disable, or leave it out");
    }
  }
}
