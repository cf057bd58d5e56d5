package dev.pinnace.examples.cli;

import dev.pinnace.Containers;
import dev.pinnace.Images;
import dev.pinnace.Network;
import dev.pinnace.Pinnace;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.spec.ContainerFilter;
import dev.pinnace.spec.ContainerPort;
import dev.pinnace.spec.ContainerState;
import dev.pinnace.spec.ContainerStatus;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.Health;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * The values of {@code ps --filter}: any of the same name, all of the different names; of labels,
 * and of moments, all.
 */
final class ContainerFilters {
  private static final String NO_HEALTH = "none";

  /** What a container of Docker's may be, and one of ours never is. */
  private static final Set<String> NEVER = Set.of("dead", "removing");

  private final Function<String, Set<Digest>> images;
  private final Function<String, Instant> made;
  private final UnaryOperator<String> networks;
  private ContainerFilter filter = ContainerFilter.all();

  /** Whether a status was asked for, and whether one that there can be. */
  private boolean byStatus;

  private boolean possible;

  private ContainerFilters(
      Function<String, Set<Digest>> images,
      Function<String, Instant> made,
      UnaryOperator<String> networks) {
    this.images = images;
    this.made = made;
    this.networks = networks;
  }

  static ContainerFilters parse(List<String> filters, boolean all, Pinnace pinnace) {
    return parse(
        filters,
        all,
        name -> ancestors(pinnace.images(), name),
        name -> pinnace.containers().get(name).inspect().created(),
        name ->
            pinnace
                .networks()
                .find(name)
                .map(Network::name)
                .or(() -> ModeNetwork.find(name).map(ModeNetwork::word))
                .orElse(name));
  }

  /**
   * Reads them.
   *
   * @param all whether those are meant too that do not run, where no filter says so
   * @param images the ids of the image of that name and of those that were made on it
   * @param made when the container of that name was made
   * @param networks the name of the network that has that name or id
   */
  static ContainerFilters parse(
      List<String> filters,
      boolean all,
      Function<String, Set<Digest>> images,
      Function<String, Instant> made,
      UnaryOperator<String> networks) {
    ContainerFilters result = new ContainerFilters(images, made, networks);
    filters.forEach(result::add);
    if (!all && !result.byStatus && result.filter.exitCodes().isEmpty()) {
      result.filter = alive(result.filter);
    }
    return result;
  }

  /** Of a name that is nobody's there are none, as for Docker. */
  private static Set<Digest> ancestors(Images images, String name) {
    return images.find(name).map(found -> images.madeOn(found.id().toString())).orElse(Set.of());
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
      case "status" -> status(value);
      case "label" -> {
        String[] label = value.split("=", 2);
        filter = filter.label(label[0], label.length == 2 ? label[1] : "");
      }
      case "name" -> filter = named(text, value);
      case "id" -> filter = filter.id(value);
      case "exited" -> filter = filter.exited(number(text, value));
      case "health" -> health(text, value);
      case "ancestor" -> filter = filter.ofImages(images.apply(value));
      case "publish" -> {
        for (ContainerPort port : ports(text, value)) {
          filter = filter.published(port);
        }
      }
      case "expose" -> {
        for (ContainerPort port : ports(text, value)) {
          filter = filter.exposed(port);
        }
      }
      case "volume" -> filter = filter.volume(value);
      case "network" -> filter = filter.network(networks.apply(value));
      case "before" -> filter = filter.createdBefore(made.apply(value));
      case "since" -> filter = filter.createdAfter(made.apply(value));
      default ->
          throw new InvalidSpecException(
              "--filter "
                  + text
                  + " is not known: use id, name, label, status, health, ancestor, volume, network,"
                  + " publish, expose, before, since or exited");
    }
  }

  List<ContainerState> apply(Containers containers) {
    return isNever() ? List.of() : containers.list(filter);
  }

  /** Whether {@code state} is one of those that are meant. */
  boolean matches(ContainerState state) {
    return !isNever() && filter.matches(state);
  }

  /** Where each status that was asked for is one of Docker's alone. */
  private boolean isNever() {
    return byStatus && !possible;
  }

  private void status(String word) {
    Optional<ContainerStatus> known =
        Arrays.stream(ContainerStatus.values()).filter(s -> s.word().equals(word)).findFirst();
    if (known.isEmpty() && !NEVER.contains(word)) {
      throw new InvalidSpecException(
          "--filter status="
              + word
              + ": use created, running, paused, restarting or exited; dead and removing are known"
              + " too, and never met");
    }
    byStatus = true;
    known.ifPresent(
        status -> {
          possible = true;
          filter = filter.status(status);
        });
  }

  private void health(String text, String word) {
    if (word.equals(NO_HEALTH)) {
      filter = filter.withoutHealth();
      return;
    }
    filter =
        Arrays.stream(Health.Status.values())
            .filter(s -> s.word().equals(word))
            .findFirst()
            .map(filter::health)
            .orElseThrow(
                () ->
                    new InvalidSpecException(
                        "--filter " + text + ": use starting, healthy, unhealthy or none"));
  }

  private ContainerFilter named(String text, String regex) {
    try {
      return filter.named(regex);
    } catch (InvalidSpecException e) {
      throw new InvalidSpecException("--filter " + text + ": " + e.getMessage(), e);
    }
  }

  private static List<ContainerPort> ports(String filter, String text) {
    try {
      return ContainerPort.parse(text);
    } catch (InvalidSpecException e) {
      throw new InvalidSpecException("--filter " + filter + ": " + e.getMessage(), e);
    }
  }

  private static int number(String filter, String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new InvalidSpecException("--filter " + filter + ": write a number", e);
    }
  }
}
