package dev.pinnace.internal.container;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.linux.process.Capability;
import dev.pinnace.spec.SecuritySpec;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Docker's default profile, apart from seccomp. */
final class DefaultProfile {
  private static final List<String> CAPABILITIES =
      List.of(
          "CAP_CHOWN",
          "CAP_DAC_OVERRIDE",
          "CAP_FSETID",
          "CAP_FOWNER",
          "CAP_MKNOD",
          "CAP_NET_RAW",
          "CAP_SETGID",
          "CAP_SETUID",
          "CAP_SETFCAP",
          "CAP_SETPCAP",
          "CAP_NET_BIND_SERVICE",
          "CAP_SYS_CHROOT",
          "CAP_KILL",
          "CAP_AUDIT_WRITE");

  private DefaultProfile() {}

  /**
   * The capabilities of a container, as Docker computes them: additions to the default, or to
   * nothing where ALL is dropped, then less what is dropped by name; where ALL is added, ALL is not
   * dropped. What is added by name stays where ALL is dropped. A privileged one begins with all;
   * Docker does not heed what it is to drop.
   *
   * @param all every capability that can be had here
   */
  static Set<String> capabilities(SecuritySpec security, Set<String> all) {
    boolean dropAll = has(security.capDrop(), "ALL");
    boolean addAll = has(security.capAdd(), "ALL") || (security.privileged() && !dropAll);
    Set<String> result = new TreeSet<>();
    if (addAll) {
      result.addAll(all);
    } else if (!dropAll) {
      CAPABILITIES.stream().filter(all::contains).forEach(result::add);
    }
    result.addAll(names(security.capAdd()));
    if (addAll || !dropAll) {
      result.removeAll(names(security.capDrop()));
    }
    return result;
  }

  private static boolean has(List<String> names, String wanted) {
    return names.stream().anyMatch(wanted::equalsIgnoreCase);
  }

  /** Those that are given by their names. */
  private static List<String> names(List<String> given) {
    return given.stream()
        .filter(name -> !name.equalsIgnoreCase("ALL"))
        .map(DefaultProfile::capability)
        .toList();
  }

  private static String capability(String name) {
    try {
      return Capability.parse(name).capName();
    } catch (IllegalArgumentException e) {
      throw new InvalidSpecException(
          "\"" + name + "\" is not a capability; capabilities(7) lists them", e);
    }
  }
}
