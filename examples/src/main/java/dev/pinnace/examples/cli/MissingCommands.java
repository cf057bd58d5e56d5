package dev.pinnace.examples.cli;

import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/** Commands that Docker has and Pinnace does not, and what to do instead. */
final class MissingCommands {
  private static final Map<String, String> HINTS =
      Map.ofEntries(
          Map.entry("build", "build it elsewhere and bring it with \"pull\" or \"load\""),
          Map.entry("builder", ""),
          Map.entry("buildx", "build it elsewhere and bring it with \"pull\" or \"load\""),
          Map.entry("compose", ""),
          Map.entry("manifest", ""),
          Map.entry("plugin", ""),
          Map.entry("swarm", ""));

  /** Which of them Docker has in a group too. */
  private static final Map<String, Set<String>> GROUPED = Map.of("image", Set.of("build"));

  private MissingCommands() {}

  /**
   * That there is no such command, whether it is Docker's or nobody's.
   *
   * @param group in which it was looked for; empty for none
   * @param there what is there, of which one may have been meant
   */
  static String message(String group, String command, Set<String> there) {
    String missing = "there is no command \"" + (group + " " + command).strip() + "\"";
    boolean known = group.isEmpty() || GROUPED.getOrDefault(group, Set.of()).contains(command);
    String own = HINTS.get((group + " " + command).strip());
    String hint = own == null && known ? HINTS.get(command) : own;
    if (hint == null) {
      return missing
          + Nearest.of(command, there).map(near -> ": did you mean \"" + near + "\"?").orElse("");
    }
    return missing + " yet" + (hint.isEmpty() ? "" : ": " + hint);
  }

  /** What each of them is called, with its group, and what to do instead. */
  static Map<String, String> hints() {
    Map<String, String> hints = new TreeMap<>(HINTS);
    GROUPED.forEach(
        (group, commands) ->
            commands.forEach(
                command ->
                    hints.put(group + " " + command, Objects.requireNonNull(HINTS.get(command)))));
    return hints;
  }
}
