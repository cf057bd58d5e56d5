package dev.pinnace.spec;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which parts of the kernel the container has of its own.
 *
 * @param network its network; {@code NONE} also where it is another container's
 * @param hostPid whether it sees and may signal the host's processes
 * @param hostIpc whether it shares System V IPC, message queues and /dev/shm with the host
 * @param hostUts whether it shares the host's name
 * @param hostCgroup whether it sees the host's cgroup tree
 * @param userMap maps its users to others of the host: a range of host ids for ids from 0 on; empty
 *     for no user namespace
 * @param timeOffsets seconds by which {@code monotonic} and {@code boottime} differ from the host's
 * @param hostname its name; the first twelve digits of the id by default
 * @param domainname its NIS domain
 * @param extraHosts further lines of /etc/hosts, name to addresses
 * @param dns name servers in /etc/resolv.conf; the host's by default
 * @param dnsSearch search domains
 * @param dnsOptions resolver options
 * @param sysctls kernel parameters of its namespaces, by dotted name
 * @param networkOf the container whose network it shares: its name or the beginning of its id, of a
 *     container that is there the whole id; so are the next three
 * @param pidOf the container whose processes it sees and may signal
 * @param ipcOf the container whose System V IPC, message queues and /dev/shm it shares
 * @param utsOf the container whose host name and NIS domain it shares
 * @param noShm whether it has no /dev/shm
 * @param networks the networks of the engine that it is in; the first that is not internal has its
 *     default route and its published ports
 * @param ports those of its network that the host's lead to
 * @param exposed ports that it is said to listen on, beside the image's
 * @param publishAll whether each of these is led to, from a port of the host's that is free
 * @param cgroupParent the cgroup that holds its own: from the root of the hierarchy, or below the
 *     engine's; empty for the engine's
 */
public record NamespaceSpec(
    NetworkMode network,
    boolean hostPid,
    boolean hostIpc,
    boolean hostUts,
    boolean hostCgroup,
    Optional<UserMap> userMap,
    Map<String, Long> timeOffsets,
    Optional<String> hostname,
    Optional<String> domainname,
    Map<String, List<String>> extraHosts,
    List<String> dns,
    List<String> dnsSearch,
    List<String> dnsOptions,
    Map<String, String> sysctls,
    Optional<String> networkOf,
    Optional<String> pidOf,
    Optional<String> ipcOf,
    Optional<String> utsOf,
    boolean noShm,
    List<NetworkAttachment> networks,
    List<PortMapping> ports,
    List<ContainerPort> exposed,
    boolean publishAll,
    Optional<String> cgroupParent) {
  /** In the place of an address in {@code extraHosts}: the host's. */
  public static final String HOST_GATEWAY = "host-gateway";

  public NamespaceSpec {
    timeOffsets = Map.copyOf(timeOffsets);
    Map<String, List<String>> hosts = new LinkedHashMap<>(extraHosts);
    hosts.replaceAll((name, addresses) -> List.copyOf(addresses));
    extraHosts = Collections.unmodifiableMap(hosts);
    dns = List.copyOf(dns);
    dnsSearch = List.copyOf(dnsSearch);
    dnsOptions = List.copyOf(dnsOptions);
    networks = List.copyOf(networks);
    ports = List.copyOf(ports);
    exposed = List.copyOf(exposed);
    sysctls = Collections.unmodifiableMap(new LinkedHashMap<>(sysctls));
  }

  /**
   * The same with other containers whose namespaces it shares, each by what {@code id} makes of it.
   */
  public NamespaceSpec withOthers(UnaryOperator<String> id) {
    Objects.requireNonNull(id, "id");
    return with(hostname, networkOf.map(id), pidOf.map(id), ipcOf.map(id), utsOf.map(id), networks);
  }

  /** The same with another name. */
  public NamespaceSpec withHostname(Optional<String> newHostname) {
    Objects.requireNonNull(newHostname, "newHostname");
    return with(newHostname, networkOf, pidOf, ipcOf, utsOf, networks);
  }

  /** The same in other networks of the engine. */
  public NamespaceSpec withNetworks(List<NetworkAttachment> newNetworks) {
    Objects.requireNonNull(newNetworks, "newNetworks");
    return with(hostname, networkOf, pidOf, ipcOf, utsOf, newNetworks);
  }

  private NamespaceSpec with(
      Optional<String> newHostname,
      Optional<String> newNetworkOf,
      Optional<String> newPidOf,
      Optional<String> newIpcOf,
      Optional<String> newUtsOf,
      List<NetworkAttachment> newNetworks) {
    return new NamespaceSpec(
        network,
        hostPid,
        hostIpc,
        hostUts,
        hostCgroup,
        userMap,
        timeOffsets,
        newHostname,
        domainname,
        extraHosts,
        dns,
        dnsSearch,
        dnsOptions,
        sysctls,
        newNetworkOf,
        newPidOf,
        newIpcOf,
        newUtsOf,
        noShm,
        newNetworks,
        ports,
        exposed,
        publishAll,
        cgroupParent);
  }

  /** The containers whose namespaces it shares. */
  public Set<String> others() {
    return Stream.of(networkOf, pidOf, ipcOf, utsOf)
        .flatMap(Optional::stream)
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /** A container's network. */
  public enum NetworkMode {
    /** A network namespace of its own with nothing but loopback. */
    NONE,
    /** The host's interfaces, addresses and ports. */
    HOST
  }

  /**
   * A range of host ids for the container's ids from 0 on.
   *
   * @param hostUid of the container's user 0
   * @param hostGid of the container's group 0
   * @param size how many ids
   */
  public record UserMap(long hostUid, long hostGid, long size) {
    /** Whether the container has this id. */
    public boolean has(long id) {
      return id >= 0 && id < size;
    }
  }
}
