package dev.pinnace.examples.cli;

import java.util.Map;

/** Commands that Docker has and Pinnace does not, and what to do instead. */
final class MissingCommands {
  private static final String NETWORKS = "a container has --network none or host until then";

  private static final Map<String, String> HINTS =
      Map.ofEntries(
          Map.entry("attach", "use \"logs -f\", or \"start -ai\" for one that does not run"),
          Map.entry("build", "build it elsewhere and bring it with \"pull\" or \"load\""),
          Map.entry("builder", ""),
          Map.entry("buildx", "build it elsewhere and bring it with \"pull\" or \"load\""),
          Map.entry("compose", ""),
          Map.entry("cp", "use -v, or tar through \"exec -i\""),
          Map.entry("diff", ""),
          Map.entry("events", "use \"wait\" and \"ps\""),
          Map.entry("manifest", ""),
          Map.entry("network", NETWORKS),
          Map.entry("plugin", ""),
          Map.entry("port", NETWORKS),
          Map.entry("rename", "give the name with --name"),
          Map.entry("stats", "read the files of /sys/fs/cgroup in \"exec\""),
          Map.entry("swarm", ""),
          Map.entry("top", "use ps in \"exec\""),
          Map.entry("update", "limits are given to \"create\" and \"run\""),
          Map.entry("volume", "use -v with a directory of the host"));

  private MissingCommands() {}

  /** That there is no such command, whether it is Docker's or nobody's. */
  static String message(String command) {
    String there = "there is no command \"" + command + "\"";
    String hint = HINTS.get(command);
    if (hint == null) {
      return there;
    }
    return there + " yet" + (hint.isEmpty() ? "" : ": " + hint);
  }
}
