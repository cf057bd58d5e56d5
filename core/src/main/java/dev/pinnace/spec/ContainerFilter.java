package dev.pinnace.spec;

import dev.pinnace.error.InvalidSpecException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Which containers to list. All conditions must hold; where one has several values, any of them
 * will do. Immutable.
 *
 * @param statuses any of these; empty for every status
 * @param labels each is met: by no container, where two want different values of one key
 * @param withoutLabels none is met
 * @param nameContains part of the name
 * @param createdBefore made before that moment
 * @param createdAfter made after that moment
 * @param names any of these regular expressions is found in the name; empty for every name
 * @param idPrefixes any of these is what the id begins with; empty for every id
 * @param exitCodes it has exited, with any of these; empty for every container
 * @param health its checks have come to any of these, where empty means that it has none; no
 *     element for every container
 * @param images it is of any of these; no set for every container, none in it for no container
 * @param volumes it has any of these mounted: by the name of a volume, the source of a bind or the
 *     place in the container; empty for every container
 * @param networks it is in any of these, by name, whether it runs or not; {@code host} and {@code
 *     none} are those without one; empty for every container
 * @param published it runs, and any of these ports of the host's leads to it
 * @param exposed it runs, and has any of these ports; with {@code published}, either will do
 */
public record ContainerFilter(
    Set<ContainerStatus> statuses,
    Set<LabelCondition> labels,
    Set<LabelCondition> withoutLabels,
    Optional<String> nameContains,
    Optional<Instant> createdBefore,
    Optional<Instant> createdAfter,
    List<String> names,
    Set<String> idPrefixes,
    Set<Integer> exitCodes,
    Set<Optional<Health.Status>> health,
    Optional<Set<Digest>> images,
    Set<String> volumes,
    Set<String> networks,
    Set<ContainerPort> published,
    Set<ContainerPort> exposed) {
  private static final ContainerFilter ALL = new ContainerFilter(new Conditions());

  public ContainerFilter {
    statuses = Set.copyOf(statuses);
    labels = Set.copyOf(labels);
    withoutLabels = Set.copyOf(withoutLabels);
    names = List.copyOf(names);
    names.forEach(ContainerFilter::pattern);
    idPrefixes = Set.copyOf(idPrefixes);
    exitCodes = Set.copyOf(exitCodes);
    health = Set.copyOf(health);
    images = images.map(Set::copyOf);
    volumes = Set.copyOf(volumes);
    networks = Set.copyOf(networks);
    published = Set.copyOf(published);
    exposed = Set.copyOf(exposed);
  }

  /** What the next filter has. */
  private static final class Conditions {
    Set<ContainerStatus> statuses = new HashSet<>();
    Set<LabelCondition> labels = Set.of();
    Set<LabelCondition> withoutLabels = Set.of();
    Optional<String> nameContains = Optional.empty();
    Optional<Instant> createdBefore = Optional.empty();
    Optional<Instant> createdAfter = Optional.empty();
    List<String> names = new ArrayList<>();
    Set<String> idPrefixes = new HashSet<>();
    Set<Integer> exitCodes = new HashSet<>();
    Set<Optional<Health.Status>> health = new HashSet<>();
    Optional<Set<Digest>> images = Optional.empty();
    Set<String> volumes = new HashSet<>();
    Set<String> networks = new HashSet<>();
    Set<ContainerPort> published = new HashSet<>();
    Set<ContainerPort> exposed = new HashSet<>();
  }

  private ContainerFilter(Conditions next) {
    this(
        next.statuses,
        next.labels,
        next.withoutLabels,
        next.nameContains,
        next.createdBefore,
        next.createdAfter,
        next.names,
        next.idPrefixes,
        next.exitCodes,
        next.health,
        next.images,
        next.volumes,
        next.networks,
        next.published,
        next.exposed);
  }

  private Conditions copy() {
    Conditions next = new Conditions();
    next.statuses.addAll(statuses);
    next.labels = labels;
    next.withoutLabels = withoutLabels;
    next.nameContains = nameContains;
    next.createdBefore = createdBefore;
    next.createdAfter = createdAfter;
    next.names.addAll(names);
    next.idPrefixes.addAll(idPrefixes);
    next.exitCodes.addAll(exitCodes);
    next.health.addAll(health);
    next.images = images;
    next.volumes.addAll(volumes);
    next.networks.addAll(networks);
    next.published.addAll(published);
    next.exposed.addAll(exposed);
    return next;
  }

  /** Every container. */
  public static ContainerFilter all() {
    return ALL;
  }

  /** With these conditions alone. */
  static ContainerFilter of(
      Set<LabelCondition> labels,
      Set<LabelCondition> withoutLabels,
      Optional<Instant> createdBefore) {
    Conditions next = new Conditions();
    next.labels = labels;
    next.withoutLabels = withoutLabels;
    next.createdBefore = createdBefore;
    return new ContainerFilter(next);
  }

  /** Those that run, are paused or are about to run again. */
  public static ContainerFilter alive() {
    return all()
        .status(ContainerStatus.RUNNING)
        .status(ContainerStatus.PAUSED)
        .status(ContainerStatus.RESTARTING);
  }

  /** Those that do that, or what was asked for before. */
  public ContainerFilter status(ContainerStatus status) {
    Objects.requireNonNull(status, "status");
    Conditions next = copy();
    next.statuses.add(status);
    return new ContainerFilter(next);
  }

  /** Those with the label, whatever its value. */
  public ContainerFilter label(String key) {
    Objects.requireNonNull(key, "key");
    return label(key, "");
  }

  public ContainerFilter label(String key, String value) {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(value, "value");
    Conditions next = copy();
    next.labels = Labels.with(labels, key, value);
    return new ContainerFilter(next);
  }

  /** Those without the label, or where {@code value} is not empty without that value of it. */
  public ContainerFilter withoutLabel(String key, String value) {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(value, "value");
    Conditions next = copy();
    next.withoutLabels = Labels.with(withoutLabels, key, value);
    return new ContainerFilter(next);
  }

  /** Those with that in the name; the last one counts. */
  public ContainerFilter nameContaining(String part) {
    Objects.requireNonNull(part, "part");
    Conditions next = copy();
    next.nameContains = Optional.of(part);
    return new ContainerFilter(next);
  }

  /**
   * Those in whose name this is found, with or without a slash before the name, as Docker has it:
   * {@code ^web} and {@code ^/web}.
   *
   * @throws InvalidSpecException if it is no regular expression, as {@link Pattern} has them
   */
  public ContainerFilter named(String regex) {
    Objects.requireNonNull(regex, "regex");
    Conditions next = copy();
    next.names.add(regex);
    return new ContainerFilter(next);
  }

  private static Pattern pattern(String regex) {
    try {
      return Pattern.compile(regex);
    } catch (PatternSyntaxException e) {
      throw new InvalidSpecException(
          "\"" + regex + "\" is no regular expression: " + e.getDescription(), e);
    }
  }

  /** Those whose id begins with that. */
  public ContainerFilter id(String prefix) {
    Objects.requireNonNull(prefix, "prefix");
    Conditions next = copy();
    next.idPrefixes.add(prefix);
    return new ContainerFilter(next);
  }

  /** Those that have exited with that code. */
  public ContainerFilter exited(int code) {
    Conditions next = copy();
    next.exitCodes.add(code);
    return new ContainerFilter(next);
  }

  /** Those whose checks have come to that. */
  public ContainerFilter health(Health.Status status) {
    Objects.requireNonNull(status, "status");
    Conditions next = copy();
    next.health.add(Optional.of(status));
    return new ContainerFilter(next);
  }

  /** Those of whose health nothing is known: without a check, or never started. */
  public ContainerFilter withoutHealth() {
    Conditions next = copy();
    next.health.add(Optional.empty());
    return new ContainerFilter(next);
  }

  /** Those that were made of any of these images, by their ids; none where there are none. */
  public ContainerFilter ofImages(Collection<Digest> ids) {
    Objects.requireNonNull(ids, "ids");
    Set<Digest> more = new HashSet<>(images.orElse(Set.of()));
    more.addAll(ids);
    Conditions next = copy();
    next.images = Optional.of(more);
    return new ContainerFilter(next);
  }

  /** Those that have a volume of that name mounted, a bind of that path, or anything there. */
  public ContainerFilter volume(String nameOrPath) {
    Objects.requireNonNull(nameOrPath, "nameOrPath");
    Conditions next = copy();
    next.volumes.add(nameOrPath);
    return new ContainerFilter(next);
  }

  /** Those in that network, and in others that were asked for. */
  public ContainerFilter network(String name) {
    Objects.requireNonNull(name, "name");
    Conditions next = copy();
    next.networks.add(name);
    return new ContainerFilter(next);
  }

  /** Those that run and to which that port of the host's leads. */
  public ContainerFilter published(ContainerPort ofHost) {
    Objects.requireNonNull(ofHost, "ofHost");
    Conditions next = copy();
    next.published.add(ofHost);
    return new ContainerFilter(next);
  }

  /**
   * Those that run and have that port: it is published, or they say that a program listens on it.
   * What only their images say is not known here.
   */
  public ContainerFilter exposed(ContainerPort port) {
    Objects.requireNonNull(port, "port");
    Conditions next = copy();
    next.exposed.add(port);
    return new ContainerFilter(next);
  }

  /** Those that were made before {@code moment}; of several the earliest counts. */
  public ContainerFilter createdBefore(Instant moment) {
    Objects.requireNonNull(moment, "moment");
    Conditions next = copy();
    next.createdBefore = Optional.of(createdBefore.filter(moment::isAfter).orElse(moment));
    return new ContainerFilter(next);
  }

  /** Those that were made after {@code moment}; of several the latest counts. */
  public ContainerFilter createdAfter(Instant moment) {
    Objects.requireNonNull(moment, "moment");
    Conditions next = copy();
    next.createdAfter = Optional.of(createdAfter.filter(moment::isBefore).orElse(moment));
    return new ContainerFilter(next);
  }

  /** Whether {@code state} fulfils every condition. */
  public boolean matches(ContainerState state) {
    return (statuses.isEmpty() || statuses.contains(state.status()))
        && nameContains.map(state.name()::contains).orElse(true)
        && createdBefore.map(state.created()::isBefore).orElse(true)
        && createdAfter.map(state.created()::isAfter).orElse(true)
        && (names.isEmpty() || names.stream().anyMatch(regex -> isFound(regex, state.name())))
        && (idPrefixes.isEmpty() || idPrefixes.stream().anyMatch(state.id().hex()::startsWith))
        && (exitCodes.isEmpty() || hasExited(state))
        && (health.isEmpty() || health.contains(state.health().map(Health::status)))
        && (volumes.isEmpty() || state.mounts().stream().anyMatch(this::isWanted))
        && (networks.isEmpty() || isConnected(state.spec().namespaces()))
        && ((published.isEmpty() && exposed.isEmpty()) || hasPort(state))
        && images.map(ids -> ids.contains(state.imageId())).orElse(true)
        && Labels.match(state.spec().labels(), labels, withoutLabels);
  }

  private boolean hasPort(ContainerState state) {
    NamespaceSpec namespaces = state.spec().namespaces();
    return state.status().isAlive()
        && (state.ports().stream().anyMatch(this::isAskedFor)
            || namespaces.exposed().stream().anyMatch(exposed::contains)
            || namespaces.ports().stream().anyMatch(port -> exposed.contains(port.container())));
  }

  private boolean isAskedFor(PortBinding port) {
    return exposed.contains(port.container())
        || published.contains(new ContainerPort(port.hostPort(), port.container().protocol()));
  }

  private static boolean isFound(String regex, String name) {
    Pattern pattern = pattern(regex);
    return pattern.matcher(name).find() || pattern.matcher("/" + name).find();
  }

  private boolean isWanted(Mount mount) {
    Optional<String> name = mount.volume().flatMap(VolumeSpec::name);
    return volumes.contains(mount.target())
        || name.or(() -> mount.source().map(Object::toString))
            .filter(volumes::contains)
            .isPresent();
  }

  private boolean isConnected(NamespaceSpec namespaces) {
    return namespaces.networks().isEmpty()
        ? networks.contains(namespaces.network().name().toLowerCase(Locale.ROOT))
        : namespaces.networks().stream().anyMatch(to -> networks.contains(to.network()));
  }

  private boolean hasExited(ContainerState state) {
    return state.status() == ContainerStatus.EXITED
        && state.exit().filter(exit -> exitCodes.contains(exit.code())).isPresent();
  }
}
