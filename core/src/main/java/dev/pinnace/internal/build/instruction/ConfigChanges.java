package dev.pinnace.internal.build.instruction;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.oci.ExecutionConfig;
import dev.pinnace.spec.Signal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Changes of an image's configuration by instructions of a Dockerfile, as {@code docker commit
 * --change} and {@code docker import --change} take them. Variables of the environment are put in
 * where a Dockerfile has them put in; a line sees those that the lines before it set.
 */
public final class ConfigChanges {
  private static final List<String> SHELL = List.of("/bin/sh", "-c");
  private static final Set<String> NO_TRIGGERS = Set.of("ONBUILD", "FROM", "MAINTAINER");

  private final ConfigDraft draft;
  private boolean cmdSet;

  private ConfigChanges(ExecutionConfig config) {
    this.draft = new ConfigDraft(config);
  }

  /**
   * {@code config} after {@code changes}.
   *
   * @param changes one instruction each, or several in lines
   * @throws InvalidSpecException if one is wrong, or none that changes a configuration
   */
  public static ExecutionConfig apply(ExecutionConfig config, List<String> changes) {
    ConfigChanges result = new ConfigChanges(config);
    Instruction.parse(String.join("\n", changes)).forEach(result::apply);
    return result.draft.config();
  }

  private void apply(Instruction instruction) {
    switch (instruction.keyword()) {
      case "CMD" -> {
        draft.cmd = command(instruction.arguments());
        cmdSet = true;
      }
      case "ENTRYPOINT" -> {
        draft.entrypoint = command(instruction.arguments());
        draft.cmd = cmdSet ? draft.cmd : List.of();
      }
      case "ENV" -> Words.pairs(instruction, expansion()::of).forEach(draft::variable);
      case "LABEL" -> draft.labels.putAll(Words.pairs(instruction, expansion()::of));
      case "EXPOSE" -> expanded(instruction).forEach(word -> expose(instruction, word));
      case "USER" -> draft.user = one(instruction);
      case "WORKDIR" -> draft.workingDir = directory(one(instruction));
      case "VOLUME" -> volumes(instruction);
      case "STOPSIGNAL" -> {
        String signal = one(instruction);
        Signal.parse(signal);
        draft.stopSignal = Optional.of(signal);
      }
      case "HEALTHCHECK" -> draft.healthcheck = Optional.of(HealthcheckOptions.parse(instruction));
      case "ONBUILD" -> onBuild(instruction);
      default ->
          throw new InvalidSpecException(
              instruction.keyword()
                  + " does not change a configuration: there are CMD, ENTRYPOINT, ENV, EXPOSE,"
                  + " HEALTHCHECK, LABEL, ONBUILD, STOPSIGNAL, USER, VOLUME and WORKDIR");
    }
  }

  private Expansion expansion() {
    return Expansion.of(draft.env);
  }

  private List<String> command(String arguments) {
    return ExecForm.parse(arguments)
        .orElseGet(
            () -> {
              List<String> line = new ArrayList<>(draft.shell.isEmpty() ? SHELL : draft.shell);
              line.add(arguments);
              return line;
            });
  }

  private List<String> expanded(Instruction instruction) {
    Expansion expansion = expansion();
    List<String> words =
        Words.split(instruction.arguments()).stream()
            .map(expansion::of)
            .filter(word -> !word.isEmpty())
            .toList();
    if (words.isEmpty()) {
      throw instruction.wrong("it comes to nothing");
    }
    return words;
  }

  private String one(Instruction instruction) {
    String value = expansion().of(instruction.arguments());
    if (value.isBlank()) {
      throw instruction.wrong("it comes to nothing");
    }
    return value;
  }

  /** Relative to the working directory so far, without dots. */
  private String directory(String path) {
    String base = path.startsWith("/") ? "" : draft.workingDir;
    List<String> names = new ArrayList<>();
    for (String name : (base + "/" + path).split("/", -1)) {
      if (name.equals("..")) {
        if (!names.isEmpty()) {
          names.remove(names.size() - 1);
        }
      } else if (!name.isEmpty() && !name.equals(".")) {
        names.add(name);
      }
    }
    return "/" + String.join("/", names);
  }

  private void expose(Instruction instruction, String word) {
    String[] parts = word.split("/", -1);
    String protocol = parts.length > 1 ? parts[1].toLowerCase(Locale.ROOT) : "tcp";
    String[] range = parts[0].split("-", -1);
    if (parts.length > 2
        || range.length > 2
        || !(protocol.equals("tcp") || protocol.equals("udp") || protocol.equals("sctp"))) {
      throw instruction.wrong("\"" + word + "\" is no port: write 80, 53/udp or 8000-8010");
    }
    int first = port(instruction, range[0]);
    int last = port(instruction, range[range.length - 1]);
    if (last < first) {
      throw instruction.wrong("the range " + parts[0] + " ends before it begins");
    }
    for (int port = first; port <= last; port++) {
      draft.exposedPorts.add(port + "/" + protocol);
    }
  }

  private static int port(Instruction instruction, String text) {
    try {
      int port = Integer.parseInt(text);
      if (port >= 0 && port <= 65_535) {
        return port;
      }
    } catch (NumberFormatException noNumber) {
      throw new InvalidSpecException(
          instruction + ": \"" + text + "\" is no port: write 80, 53/udp or 8000-8010", noNumber);
    }
    throw instruction.wrong(text + " is no port: they are 0 to 65535");
  }

  private void volumes(Instruction instruction) {
    Expansion expansion = expansion();
    Optional<List<String>> array = ExecForm.parse(instruction.arguments());
    List<String> paths =
        array.isPresent()
            ? array.get().stream().map(expansion::of).toList()
            : expanded(instruction);
    if (paths.isEmpty() || paths.contains("")) {
      throw instruction.wrong("a volume has no path");
    }
    draft.volumes.addAll(paths);
  }

  private void onBuild(Instruction instruction) {
    Instruction trigger = Instruction.parse(instruction.arguments()).get(0);
    if (NO_TRIGGERS.contains(trigger.keyword())) {
      throw instruction.wrong(trigger.keyword() + " cannot be a trigger");
    }
    draft.onBuild.add(instruction.arguments());
  }
}
