package dev.pinnace.examples.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.IHelpSectionRenderer;
import picocli.CommandLine.Model.UsageMessageSpec;

/** The commands of {@code pinnace --help} in Docker's groups. */
final class CommandList implements IHelpSectionRenderer {
  private static final List<String> COMMON =
      List.of(
          "run", "exec", "ps", "pull", "push", "images", "login", "logout", "search", "version",
          "info", "doctor");

  /** Has the commands of {@code line} shown so, before its options. */
  static void showIn(CommandLine line) {
    List<String> sections = new ArrayList<>(line.getHelpSectionKeys());
    sections.remove(UsageMessageSpec.SECTION_KEY_COMMAND_LIST);
    sections.remove(UsageMessageSpec.SECTION_KEY_COMMAND_LIST_HEADING);
    sections.add(
        sections.indexOf(UsageMessageSpec.SECTION_KEY_OPTION_LIST_HEADING),
        UsageMessageSpec.SECTION_KEY_COMMAND_LIST);
    line.setHelpSectionKeys(sections);
    line.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_COMMAND_LIST, new CommandList());
  }

  @Override
  public String render(Help help) {
    Map<String, Help> left = new TreeMap<>(help.subcommands());
    Map<String, String> common = new LinkedHashMap<>();
    for (String name : COMMON) {
      common.put(name, line(left.remove(name)));
    }
    Map<String, String> management = new LinkedHashMap<>();
    Map<String, String> others = new LinkedHashMap<>();
    left.forEach(
        (name, command) ->
            (command.subcommands().isEmpty() ? others : management).put(name, line(command)));
    List<String> groups = new ArrayList<>();
    groups.add(group("Common Commands:", common));
    groups.add(group("Management Commands:", management));
    groups.add(group("Commands:", others));
    return "%n".formatted() + String.join("%n".formatted(), groups);
  }

  private static String line(Help command) {
    UsageMessageSpec usage = command.commandSpec().usageMessage();
    return usage.header().length > 0 ? usage.header()[0] : usage.description()[0];
  }

  private static String group(String title, Map<String, String> commands) {
    StringBuilder text = new StringBuilder("%s%n".formatted(title));
    commands.forEach((name, line) -> text.append("  %-13s%s%n".formatted(name, line)));
    return text.toString();
  }
}
