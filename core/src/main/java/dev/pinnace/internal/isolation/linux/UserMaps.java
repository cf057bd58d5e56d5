package dev.pinnace.internal.isolation.linux;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.oci.RuntimeConfig;
import dev.pinnace.oci.RuntimeConfig.IdMapping;
import dev.pinnace.oci.RuntimeConfig.Mount;
import dev.pinnace.oci.RuntimeConfig.NamespaceType;
import dev.pinnace.oci.RuntimeProcess;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Refuses users and groups that are not in a container's user map, which the kernel calls EINVAL.
 */
final class UserMaps {
  private UserMaps() {}

  /** Looks at {@code user}, and at the owners of the container's own file systems. */
  static void check(RuntimeConfig config, RuntimeProcess.User user) {
    if (!config.linux().has(NamespaceType.USER)) {
      return;
    }
    List<IdMapping> users = config.linux().uidMappings();
    List<IdMapping> groups = config.linux().gidMappings();
    require(users, "user", user.uid(), "");
    require(groups, "group", user.gid(), "");
    user.additionalGids().forEach(gid -> require(groups, "group", gid, ""));
    for (Mount mount : config.mounts()) {
      // The group of terminals is left out where it is not mapped.
      if (!mount.type().equals("devpts")) {
        mount.options().forEach(option -> check(users, groups, option, mount));
      }
    }
  }

  private static void check(
      List<IdMapping> users, List<IdMapping> groups, String option, Mount mount) {
    if (option.matches("[ug]id=[0-9]{1,18}")) {
      boolean user = option.startsWith("uid=");
      require(
          user ? users : groups,
          user ? "user" : "group",
          Long.parseLong(option.substring(4)),
          " of the mount on " + mount.destination());
    }
  }

  private static void require(List<IdMapping> map, String what, long id, String of) {
    if (map.stream().noneMatch(m -> id >= m.containerID() && id - m.containerID() < m.size())) {
      String ids =
          map.stream()
              .map(m -> m.containerID() + " to " + (m.containerID() + m.size() - 1))
              .collect(Collectors.joining(", "));
      throw new InvalidSpecException(
          "there is no "
              + what
              + " "
              + id
              + of
              + " in the container: its user map has "
              + ids
              + "; map more, or name another "
              + what);
    }
  }
}
