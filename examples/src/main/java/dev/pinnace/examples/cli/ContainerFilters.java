package dev.pinnace.examples.cli;

import dev.pinnace.Containers;
import dev.pinnace.Pinnace;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.spec.ContainerFilter;
import dev.pinnace.spec.ContainerState;
import dev.pinnace.spec.ContainerStatus;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.Health;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** The values of {@code ps --filter}: any of the same name, all of the different names. */
record ContainerFilters(ContainerFilter filter, Predicate<ContainerState> rest) {
  private static final String NO_HEALTH = "none";

  static ContainerFilters parse(List<String> filters, boolean all, Pinnace pinnace) {
    ContainerFilter filter = ContainerFilter.all();
    boolean byStatus = false;
    Predicate<ContainerState> rest = state -> true;
    List<Predicate<String>> names = new ArrayList<>();
    Set<String> healths = new HashSet<>();
    for (String text : filters) {
      String[] sides = text.split("=", 2);
      if (sides.length != 2) {
        throw new InvalidSpecException("--filter " + text + ": write NAME=VALUE");
      }
      String value = sides[1];
      switch (sides[0]) {
        case "status" -> {
          filter = filter.status(status(value));
          byStatus = true;
        }
        case "label" -> {
          String[] label = value.split("=", 2);
          filter = filter.label(label[0], label.length == 2 ? label[1] : "");
        }
        case "name" -> names.add(pattern(text, value));
        case "id" -> rest = rest.and(state -> state.id().hex().startsWith(value));
        case "exited" -> {
          int code = number(text, value);
          rest = rest.and(state -> hasExited(state, code));
          byStatus = true;
        }
        case "health" -> healths.add(health(text, value));
        case "ancestor" -> {
          Optional<Digest> image = pinnace.images().find(value).map(found -> found.id());
          rest = rest.and(state -> image.filter(state.imageId()::equals).isPresent());
        }
        default ->
            throw new InvalidSpecException(
                "--filter "
                    + text
                    + " is not known: use id, name, label, status, health, ancestor or exited");
      }
    }
    if (!all && !byStatus) {
      for (ContainerStatus alive : ContainerFilter.alive().statuses()) {
        filter = filter.status(alive);
      }
    }
    rest = rest.and(state -> healths.isEmpty() || healths.contains(health(state)));
    return new ContainerFilters(filter, rest.and(state -> isNamed(state.name(), names)));
  }

  /** As Docker has it: any of the patterns, found in the name with or without a slash before it. */
  private static boolean isNamed(String name, List<Predicate<String>> names) {
    return names.isEmpty()
        || names.stream().anyMatch(pattern -> pattern.test(name) || pattern.test("/" + name));
  }

  private static Predicate<String> pattern(String filter, String text) {
    try {
      return Pattern.compile(text).asPredicate();
    } catch (PatternSyntaxException e) {
      throw new InvalidSpecException(
          "--filter " + filter + ": this is no regular expression: " + e.getDescription(), e);
    }
  }

  List<ContainerState> apply(Containers containers) {
    return containers.list(filter).stream().filter(rest).toList();
  }

  private static ContainerStatus status(String word) {
    return Arrays.stream(ContainerStatus.values())
        .filter(status -> status.word().equals(word))
        .findFirst()
        .orElseThrow(
            () ->
                new InvalidSpecException(
                    "--filter status="
                        + word
                        + ": use created, running, paused, restarting or exited"));
  }

  private static String health(String filter, String word) {
    if (!word.equals(NO_HEALTH)
        && Arrays.stream(Health.Status.values()).noneMatch(s -> s.word().equals(word))) {
      throw new InvalidSpecException(
          "--filter " + filter + ": use starting, healthy, unhealthy or none");
    }
    return word;
  }

  private static String health(ContainerState state) {
    return state.health().map(health -> health.status().word()).orElse(NO_HEALTH);
  }

  private static boolean hasExited(ContainerState state, int code) {
    return state.status() == ContainerStatus.EXITED
        && state.exit().filter(exit -> exit.code() == code).isPresent();
  }

  private static int number(String filter, String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new InvalidSpecException("--filter " + filter + ": write a number", e);
    }
  }
}
