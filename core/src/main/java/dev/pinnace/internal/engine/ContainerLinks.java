package dev.pinnace.internal.engine;

import dev.pinnace.error.ConflictException;
import dev.pinnace.error.CorruptException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.internal.image.StoredImage;
import dev.pinnace.internal.state.ContainerRecord;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.ContainerLink;
import dev.pinnace.spec.ContainerPort;
import dev.pinnace.spec.ContainerSpec;
import dev.pinnace.spec.NamespaceSpec;
import dev.pinnace.spec.NetworkAttachment;
import dev.pinnace.spec.NetworkSpec;
import dev.pinnace.spec.PortMapping;
import dev.pinnace.spec.Subnet;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Links of containers on the default bridge: whom they mean, and what is said of these in the
 * environment. They are made with the container, to others that are there already, so that there is
 * no circle. Thread-safe.
 */
final class ContainerLinks {
  private static final Logger LOG = LoggerFactory.getLogger(ContainerLinks.class);

  /** What every container has, and what is of no use to another one. */
  private static final Set<String> NOT_TOLD = Set.of("PATH", "HOME");

  /** What a container is given that has asked for nothing. */
  private static final Set<String> GIVEN = Set.of("HOSTNAME", "TERM");

  private final Parts parts;
  private final ContainerFinder finder;
  private final ContainerLookup lookup;

  ContainerLinks(Parts parts, ContainerFinder finder, ContainerLookup lookup) {
    this.parts = parts;
    this.finder = finder;
    this.lookup = lookup;
  }

  /**
   * The same specification; those to whom it is linked on the default bridge are known by their
   * ids, which stay what they are when they are renamed.
   *
   * @throws NotFoundException if one of them is not there
   * @throws InvalidSpecException if it is to be linked to itself
   */
  ContainerSpec byId(ContainerSpec spec) {
    List<NetworkAttachment> networks = spec.namespaces().networks();
    if (networks.stream().allMatch(attachment -> attachment.links().isEmpty())) {
      return spec;
    }
    spec.name().ifPresent(name -> networks.forEach(to -> refuseSelf(to, name)));
    return spec.withNamespaces(
        spec.namespaces()
            .withNetworks(networks.stream().map(to -> to.isOnBridge() ? byId(to) : to).toList()));
  }

  private NetworkAttachment byId(NetworkAttachment bridge) {
    return bridge.withLinks(
        bridge.links().stream()
            .map(link -> new ContainerLink(finder.get(link.container()).hex(), link.alias()))
            .toList());
  }

  /**
   * Refuses a link to the container itself.
   *
   * @param self a name of it
   */
  static void refuseSelf(NetworkAttachment attachment, String self) {
    if (attachment.links().stream().anyMatch(link -> link.container().equals(self))) {
      throw new InvalidSpecException(
          "container " + self + " cannot be linked to itself: leave out that link");
    }
  }

  private static List<ContainerLink> links(NamespaceSpec namespaces) {
    return namespaces.networks().stream()
        .filter(NetworkAttachment::isOnBridge)
        .flatMap(attachment -> attachment.links().stream())
        .toList();
  }

  /** The ids of those that must run when a container starts, where they are there. */
  static Set<String> needed(NamespaceSpec namespaces) {
    Set<String> needed = new LinkedHashSet<>(namespaces.others());
    links(namespaces).forEach(link -> needed.add(link.container()));
    return needed;
  }

  /**
   * What a container that is about to start is told of those to whom it is linked. One that is
   * removed is linked no more.
   *
   * @throws ConflictException if one of them does not run, or is not on the default bridge
   */
  List<String> required(ContainerRecord record) {
    List<String> variables = new ArrayList<>();
    for (ContainerLink link : links(record.spec().namespaces())) {
      Optional<ContainerRecord> other = lookup.find(new ContainerId(link.container()));
      if (other.isEmpty()) {
        LOG.warn(
            "container {} is not linked to {} any more, which was removed",
            record.name(),
            link.alias());
        continue;
      }
      if (!lookup.runs(other.get())) {
        throw refused(record, other.get(), link, "does not run: start that one first");
      }
      String address =
          address(other.get())
              .orElseThrow(
                  () ->
                      refused(
                          record,
                          other.get(),
                          link,
                          "is not on the default bridge: connect it with network connect "
                              + NetworkSpec.BRIDGE
                              + " "
                              + other.get().name()));
      variables.addAll(variables(record, link, other.get(), address));
    }
    return variables;
  }

  private static ConflictException refused(
      ContainerRecord record, ContainerRecord other, ContainerLink link, String why) {
    return new ConflictException(
        "cannot start \""
            + record.name()
            + "\": container \""
            + other.name()
            + "\", to which it is linked as "
            + link.alias()
            + ", "
            + why);
  }

  /** The same as far as it is known now, of one that runs. */
  List<String> known(ContainerRecord record) {
    List<String> variables = new ArrayList<>();
    for (ContainerLink link : links(record.spec().namespaces())) {
      EngineNetworks.readable(parts, new ContainerId(link.container()))
          .ifPresent(
              other ->
                  address(other)
                      .ifPresent(
                          address -> variables.addAll(variables(record, link, other, address))));
    }
    return variables;
  }

  private Optional<String> address(ContainerRecord other) {
    return PeerNames.names(other).contains(NetworkSpec.BRIDGE)
        ? parts.networks().endpoints(NetworkSpec.BRIDGE).entrySet().stream()
            .filter(endpoint -> endpoint.getValue().equals(other.id()))
            .map(Map.Entry::getKey)
            .map(Subnet::text)
            .findFirst()
        : Optional.empty();
  }

  private List<String> variables(
      ContainerRecord record, ContainerLink link, ContainerRecord other, String address) {
    return LinkVariables.of(record.name(), link.alias(), address, exposed(other), told(other));
  }

  private Set<ContainerPort> exposed(ContainerRecord other) {
    Set<ContainerPort> exposed = new TreeSet<>(other.spec().namespaces().exposed());
    other.spec().namespaces().ports().stream().map(PortMapping::container).forEach(exposed::add);
    try {
      parts
          .images()
          .find(other.imageId().toString())
          .map(StoredImage::config)
          .ifPresent(
              image -> image.config().exposedPorts().forEach(text -> exposed.addAll(parsed(text))));
    } catch (CorruptException damaged) {
      LOG.debug("what the image of container {} exposes is not told", other.name(), damaged);
    }
    return exposed;
  }

  /** What an image says without being understood, as of another protocol, is no port. */
  static List<ContainerPort> parsed(String text) {
    try {
      return ContainerPort.parse(text);
    } catch (InvalidSpecException unknown) {
      LOG.debug("an exposed port is not told", unknown);
      return List.of();
    }
  }

  /** Of the variables of a container those that somebody has chosen. */
  private static List<String> told(ContainerRecord other) {
    Set<String> asked = other.spec().process().env().keySet();
    return other.config().process().env().stream()
        .filter(variable -> !NOT_TOLD.contains(name(variable)))
        .filter(variable -> !GIVEN.contains(name(variable)) || asked.contains(name(variable)))
        .toList();
  }

  /** What a container has of its own says more than what it is told. */
  static List<String> under(List<String> own, List<String> told) {
    Set<String> names = own.stream().map(ContainerLinks::name).collect(Collectors.toSet());
    List<String> all =
        new ArrayList<>(told.stream().filter(variable -> !names.contains(name(variable))).toList());
    all.addAll(own);
    return all;
  }

  private static String name(String variable) {
    return variable.substring(0, variable.indexOf('='));
  }
}
