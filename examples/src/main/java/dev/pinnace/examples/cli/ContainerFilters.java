package dev.pinnace.examples.cli;

import dev.pinnace.Containers;
import dev.pinnace.Pinnace;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.spec.ContainerFilter;
import dev.pinnace.spec.ContainerState;
import dev.pinnace.spec.ContainerStatus;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.Health;
import dev.pinnace.spec.Mount;
import dev.pinnace.spec.VolumeSpec;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * The values of {@code ps --filter}: any of the same name, all of the different names; of labels,
 * and of moments, all.
 */
final class ContainerFilters {
  private static final String NO_HEALTH = "none";

  /** What a container of Docker's may be, and one of ours never is. */
  private static final Set<String> NEVER = Set.of("dead", "removing");

  private final Function<String, Optional<Digest>> images;
  private final Function<String, Instant> made;
  private final Map<String, Predicate<ContainerState>> byName = new LinkedHashMap<>();
  private ContainerFilter filter = ContainerFilter.all();

  private ContainerFilters(
      Function<String, Optional<Digest>> images, Function<String, Instant> made) {
    this.images = images;
    this.made = made;
  }

  static ContainerFilters parse(List<String> filters, boolean all, Pinnace pinnace) {
    return parse(
        filters,
        all,
        name -> pinnace.images().find(name).map(found -> found.id()),
        name -> pinnace.containers().get(name).inspect().created());
  }

  /**
   * Reads them.
   *
   * @param all whether those are meant too that do not run, where no filter says so
   * @param images the id of the image of that name
   * @param made when the container of that name was made
   */
  static ContainerFilters parse(
      List<String> filters,
      boolean all,
      Function<String, Optional<Digest>> images,
      Function<String, Instant> made) {
    ContainerFilters result = new ContainerFilters(images, made);
    filters.forEach(result::add);
    boolean byStatus = result.byName.containsKey("status") || result.byName.containsKey("exited");
    if (!all && !byStatus) {
      result.filter = alive(result.filter);
    }
    return result;
  }

  private static ContainerFilter alive(ContainerFilter filter) {
    ContainerFilter result = filter;
    for (ContainerStatus alive : ContainerFilter.alive().statuses()) {
      result = result.status(alive);
    }
    return result;
  }

  private void add(String text) {
    String[] sides = text.split("=", 2);
    if (sides.length != 2) {
      throw new InvalidSpecException("--filter " + text + ": write NAME=VALUE");
    }
    String value = sides[1];
    switch (sides[0]) {
      case "status" -> or("status", status(value));
      case "label" -> {
        String[] label = value.split("=", 2);
        filter = filter.label(label[0], label.length == 2 ? label[1] : "");
      }
      case "name" -> or("name", named(text, value));
      case "id" -> or("id", state -> state.id().hex().startsWith(value));
      case "exited" -> {
        int code = number(text, value);
        or("exited", state -> hasExited(state, code));
      }
      case "health" -> {
        String word = health(text, value);
        or("health", state -> health(state).equals(word));
      }
      case "ancestor" -> {
        Optional<Digest> image = images.apply(value);
        or("ancestor", state -> image.filter(state.imageId()::equals).isPresent());
      }
      case "volume" -> or("volume", state -> state.mounts().stream().anyMatch(m -> is(m, value)));
      case "before" -> {
        Instant moment = made.apply(value);
        and("before", state -> state.created().isBefore(moment));
      }
      case "since" -> {
        Instant moment = made.apply(value);
        and("since", state -> state.created().isAfter(moment));
      }
      default ->
          throw new InvalidSpecException(
              "--filter "
                  + text
                  + " is not known: use id, name, label, status, health, ancestor, volume, before, since"
                  + " or exited");
    }
  }

  private void or(String name, Predicate<ContainerState> condition) {
    byName.merge(name, condition, Predicate::or);
  }

  private void and(String name, Predicate<ContainerState> condition) {
    byName.merge(name, condition, Predicate::and);
  }

  List<ContainerState> apply(Containers containers) {
    return containers.list(filter).stream().filter(this::meet).toList();
  }

  /** Whether {@code state} is one of those that are meant. */
  boolean matches(ContainerState state) {
    return filter.matches(state) && meet(state);
  }

  private boolean meet(ContainerState state) {
    return byName.values().stream().allMatch(condition -> condition.test(state));
  }

  /** As Docker has it: found in the name with or without a slash before it. */
  private static Predicate<ContainerState> named(String filter, String text) {
    try {
      Predicate<String> pattern = Pattern.compile(text).asPredicate();
      return state -> pattern.test(state.name()) || pattern.test("/" + state.name());
    } catch (PatternSyntaxException e) {
      throw new InvalidSpecException(
          "--filter " + filter + ": this is no regular expression: " + e.getDescription(), e);
    }
  }

  private static Predicate<ContainerState> status(String word) {
    boolean known = Arrays.stream(ContainerStatus.values()).anyMatch(s -> s.word().equals(word));
    if (!known && !NEVER.contains(word)) {
      throw new InvalidSpecException(
          "--filter status="
              + word
              + ": use created, running, paused, restarting or exited; dead and removing are known"
              + " too, and never met");
    }
    return state -> state.status().word().equals(word);
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

  /** By its name, its place, or of a bind what is bound. */
  private static boolean is(Mount mount, String value) {
    Optional<String> name = mount.volume().flatMap(VolumeSpec::name);
    return mount.target().equals(value)
        || name.or(() -> mount.source().map(Object::toString)).filter(value::equals).isPresent();
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
