package dev.pinnace.internal.engine;

import com.google.common.net.InetAddresses;
import dev.pinnace.error.CorruptException;
import dev.pinnace.internal.dns.HostServers;
import dev.pinnace.internal.dns.Peers;
import dev.pinnace.internal.network.NetworkRecord;
import dev.pinnace.internal.network.Wiring;
import dev.pinnace.internal.state.ContainerRecord;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.ContainerLink;
import dev.pinnace.spec.NetworkAttachment;
import dev.pinnace.spec.Subnet6;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who is in the networks of a root, as their name server wants to know it: read again as soon as
 * addresses or names have changed, and after a moment anyway, for what else another JVM may write.
 * Whether a container runs is asked each time. {@link #changed} is thread-safe; the rest is for the
 * thread of the name server.
 */
final class NetworkPeers implements Peers {
  private static final Logger LOG = LoggerFactory.getLogger(NetworkPeers.class);
  private static final long LONGEST_NANOS = 10_000_000;

  /** Reading takes no more than this part of the time. */
  private static final long SHARE = 10;

  private final Parts parts;
  private final ContainerLookup lookup;
  private volatile boolean outdated = true;
  private Known known = new Known(List.of(), Map.of(), 0, 0);

  NetworkPeers(Parts parts, ContainerLookup lookup) {
    this.parts = parts;
    this.lookup = lookup;
  }

  /** What was read: when, for how long it is believed, and the state of the directories then. */
  private record Known(List<Members> networks, Map<Path, Long> stamps, long read, long valid) {}

  private record Member(
      ContainerRecord container, InetAddress address, Optional<InetAddress> sixth) {
    Stream<InetAddress> addresses() {
      return Stream.concat(Stream.of(address), sixth.stream());
    }
  }

  /** A network with who is in it. */
  private record Members(
      NetworkRecord network, Map<Long, Member> byAddress, Map<String, List<Member>> byName) {
    String name() {
      return network.name();
    }

    boolean has(InetAddress address) {
      return address instanceof Inet4Address
          ? network.subnet().contains(number(address))
          : network.ipv6().filter(sixth -> sixth.subnet().contains(text(address))).isPresent();
    }

    /** Without the scope that it may have. */
    private static String text(InetAddress address) {
      return Subnet6.text(new BigInteger(1, address.getAddress()));
    }

    Optional<Member> at(InetAddress address) {
      return byAddress.values().stream()
          .filter(member -> member.addresses().anyMatch(address::equals))
          .findFirst();
    }

    List<Member> called(String name) {
      return byName.getOrDefault(name, List.of());
    }

    /** Nobody on the default bridge, where links are in the hosts file alone. */
    List<Member> meant(ContainerLink link) {
      return PeerNames.hasNames(name())
          ? byAddress.values().stream()
              .filter(member -> LinkedNames.leadsTo(link, member.container(), name()))
              .toList()
          : List.of();
    }
  }

  /** What has been read is not to be believed any more. */
  void changed() {
    outdated = true;
  }

  @Override
  public Optional<Asker> at(InetAddress source) {
    if (!(source instanceof Inet4Address)) {
      return Optional.empty();
    }
    refresh();
    return known.networks().stream()
        .flatMap(network -> Stream.ofNullable(network.byAddress().get(number(source))))
        .findFirst()
        .map(member -> new Container(member.container(), around(member.container())));
  }

  private static long number(InetAddress address) {
    return Integer.toUnsignedLong(ByteBuffer.wrap(address.getAddress()).getInt());
  }

  /** The networks that a container is in, as it was connected to them. */
  private List<Members> around(ContainerRecord container) {
    List<String> order =
        container.spec().namespaces().networks().stream().map(NetworkAttachment::network).toList();
    return known.networks().stream()
        .filter(
            network ->
                network.byAddress().values().stream()
                    .anyMatch(member -> member.container().id().equals(container.id())))
        .sorted(Comparator.comparingInt(network -> order.indexOf(network.name())))
        .toList();
  }

  private void refresh() {
    long now = System.nanoTime();
    if (outdated
        || now - known.read() > known.valid()
        || known.stamps().entrySet().stream()
            .anyMatch(stamp -> stamp(stamp.getKey()) != stamp.getValue())) {
      outdated = false;
      known = read(now);
    }
  }

  /** The time when a directory has changed last. */
  private static long stamp(Path directory) {
    try {
      return Files.getLastModifiedTime(directory).to(java.util.concurrent.TimeUnit.NANOSECONDS);
    } catch (IOException gone) {
      return 0;
    }
  }

  private Known read(long now) {
    Map<Path, Long> stamps = new HashMap<>();
    stamps.put(parts.layout().names(), stamp(parts.layout().names()));
    List<Members> networks = new ArrayList<>();
    Map<ContainerId, Optional<ContainerRecord>> records = new HashMap<>();
    for (NetworkRecord network : parts.networks().list()) {
      Path addresses = parts.networks().addresses(network.name());
      stamps.put(addresses, stamp(addresses));
      Members members = new Members(network, new HashMap<>(), new HashMap<>());
      Map<ContainerId, String> sixth =
          network.ipv6().isPresent() ? parts.networks().endpoints6(network.name()) : Map.of();
      parts
          .networks()
          .endpoints(network.name())
          .forEach(
              (address, id) ->
                  records
                      .computeIfAbsent(id, this::readable)
                      .ifPresent(
                          record ->
                              add(members, address, Optional.ofNullable(sixth.get(id)), record)));
      networks.add(members);
    }
    long valid = Math.max(LONGEST_NANOS, (System.nanoTime() - now) * SHARE);
    return new Known(networks, stamps, now, valid);
  }

  private static void add(
      Members members, long address, Optional<String> sixth, ContainerRecord record) {
    if (!PeerNames.names(record).contains(members.name())) {
      return; // it is being connected, or disconnected
    }
    Member member = new Member(record, Wiring.inet(address), sixth.map(InetAddresses::forString));
    members.byAddress().put(address, member);
    if (!PeerNames.hasNames(members.name())) {
      return;
    }
    PeerNames.names(record, members.name()).stream()
        .map(name -> name.toLowerCase(Locale.ROOT))
        .distinct()
        .forEach(
            name -> members.byName().computeIfAbsent(name, first -> new ArrayList<>()).add(member));
  }

  private Optional<ContainerRecord> readable(ContainerId id) {
    try {
      return parts.store().read(id);
    } catch (CorruptException | UncheckedIOException damaged) {
      LOG.debug("container {} has no name in its networks", id.shortHex(), damaged);
      return Optional.empty();
    }
  }

  private boolean runs(Member member) {
    return parts.isolation().isAlive(lookup.place(member.container()));
  }

  /** A container that asks. */
  private final class Container implements Asker {
    private final ContainerRecord record;
    private final List<Members> networks;

    private Container(ContainerRecord record, List<Members> networks) {
      this.record = record;
      this.networks = networks;
    }

    /** Of the first network where somebody goes by that name, with or without the network's. */
    @Override
    public List<InetAddress> addresses(String name) {
      for (Members network : networks) {
        List<InetAddress> found = running(called(network, name));
        if (!found.isEmpty()) {
          return found;
        }
      }
      for (Members network : networks) {
        String suffix = "." + network.name().toLowerCase(Locale.ROOT);
        if (name.endsWith(suffix)) {
          String within = name.substring(0, name.length() - suffix.length());
          List<InetAddress> found = running(called(network, within));
          if (!found.isEmpty()) {
            return found; // else it may be of a network whose name has dots
          }
        }
      }
      return List.of();
    }

    /** To itself: what it is linked to by that name, and else whoever goes by it. */
    private List<Member> called(Members network, String name) {
      return LinkedNames.links(record, network.name()).stream()
          .filter(link -> link.alias().equalsIgnoreCase(name))
          .findFirst()
          .map(network::meant)
          .orElseGet(() -> network.called(name));
    }

    private List<InetAddress> running(List<Member> members) {
      return members.stream().filter(NetworkPeers.this::runs).flatMap(Member::addresses).toList();
    }

    @Override
    public boolean isNear(InetAddress address) {
      return network(address).isPresent();
    }

    private Optional<Members> network(InetAddress address) {
      return networks.stream().filter(network -> network.has(address)).findFirst();
    }

    @Override
    public Optional<String> name(InetAddress address) {
      return network(address)
          .filter(network -> PeerNames.hasNames(network.name()))
          .flatMap(
              network ->
                  network
                      .at(address)
                      .filter(NetworkPeers.this::runs)
                      .map(member -> member.container().name() + "." + network.name()));
    }

    @Override
    public boolean isEnclosed() {
      return networks.stream().allMatch(network -> network.network().spec().internal());
    }

    /** The host reaches neither what the container means by its loopback, nor its networks. */
    @Override
    public Optional<List<InetAddress>> servers() {
      List<String> given = record.spec().namespaces().dns();
      return given.isEmpty()
          ? Optional.empty()
          : Optional.of(
              given.stream()
                  .flatMap(text -> HostServers.address(text).stream())
                  .filter(server -> !server.isLoopbackAddress() && !server.isAnyLocalAddress())
                  .filter(server -> !isNear(server))
                  .toList());
    }
  }
}
