package dev.pinnace.spec;

import dev.pinnace.error.InvalidSpecException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Paths of cgroups, as text: what cannot be one is refused before anything is looked at. */
final class CgroupPaths {
  private static final int LONGEST = 3_000;
  private static final int LONGEST_NAME = 200;

  /** The kernel has files of such names in every cgroup. */
  private static final Pattern OF_THE_KERNEL =
      Pattern.compile(
          "(cgroup|cpu|cpuset|dmem|hugetlb|io|irq|memory|misc|pids|rdma)\\..*", Pattern.DOTALL);

  /** The engine's own directories: that of supervisors, and those of containers. */
  private static final Pattern OF_THE_ENGINE =
      Pattern.compile("supervisors|(start-)?[0-9a-f]{64}", Pattern.DOTALL);

  private CgroupPaths() {}

  /** The path without what means nothing in it; absolute if it was. */
  static String parent(String path) {
    if (path.isEmpty()) {
      throw refusal(path, "is empty", "leave it out for the engine's own");
    }
    if (path.length() > LONGEST) {
      throw new InvalidSpecException(
          "a cgroup parent of "
              + path.length()
              + " characters is too long: the limit is "
              + LONGEST);
    }
    if (path.chars().anyMatch(c -> c < ' ' || c == 127)) {
      throw refusal(path, "holds a control character", "leave it out");
    }
    List<String> names = new ArrayList<>();
    for (String name : path.split("/", -1)) {
      if (name.equals("..")) {
        throw refusal(path, "has .. in it", "say where it is without");
      }
      if (!name.isEmpty() && !name.equals(".")) {
        check(path, name);
        names.add(name);
      }
    }
    boolean absolute = path.startsWith("/");
    if (!absolute && names.isEmpty()) {
      throw refusal(path, "names no cgroup", "leave it out for the engine's own");
    }
    if (!absolute && OF_THE_ENGINE.matcher(names.get(0)).matches()) {
      throw refusal(path, "is the engine's own directory", "choose another name");
    }
    return (absolute ? "/" : "") + String.join("/", names);
  }

  private static void check(String path, String name) {
    if (name.length() > LONGEST_NAME) {
      throw refusal(
          path, "has a name of " + name.length() + " characters", "the limit is " + LONGEST_NAME);
    }
    if (OF_THE_KERNEL.matcher(name).matches()) {
      throw refusal(
          path, "has " + name + " in it, as files of the kernel are called", "choose another name");
    }
  }

  private static InvalidSpecException refusal(String path, String why, String fix) {
    return new InvalidSpecException("the cgroup parent \"" + path + "\" " + why + ": " + fix);
  }
}
