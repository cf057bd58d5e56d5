package dev.pinnace.internal.network;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.CorruptException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.error.TimedOutException;
import dev.pinnace.internal.durable.Durable;
import dev.pinnace.internal.durable.FaultPoints;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.Opened;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.Fcntl;
import dev.pinnace.linux.file.LockFile;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.NetworkAttachment;
import dev.pinnace.spec.NetworkIpv6;
import dev.pinnace.spec.NetworkSpec;
import dev.pinnace.spec.Subnet;
import dev.pinnace.spec.Subnet6;
import java.math.BigInteger;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The networks of a root, and the addresses of their containers. All changes are made under one
 * lock, each a matter of milliseconds; an address is a symbolic link to the id of the container
 * that has it. Thread-safe, also among processes.
 */
public final class NetworkStore implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(NetworkStore.class);
  private static final String LOCK = ".lock";
  private static final String FILE = "network.json";
  private static final int OWNERS_ALL = 0700;
  private static final int LARGEST = 16 << 20;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Path path;
  private final Dir networks;
  private final AddressLinks links;

  /** Opens those in {@code directory}, which is there. */
  public NetworkStore(Path directory) {
    this.path = directory;
    this.networks = Dir.open(directory);
    this.links = new AddressLinks(networks);
  }

  /**
   * Makes a network.
   *
   * @param id that nobody has
   * @param routes what the host's lead to
   * @param routes6 the same of IPv6, asked where that is wanted only
   * @throws ConflictException if there is one of that name, or no such block of addresses is free
   */
  public NetworkRecord make(
      NetworkSpec spec, String id, Supplier<List<Subnet>> routes, Supplier<List<Subnet6>> routes6) {
    return locked(
        "make network " + spec.name(),
        () -> {
          if (networks.exists(spec.name() + "/" + FILE)) {
            throw new ConflictException(
                "there is a network " + spec.name() + " already: use another name, or remove it");
          }
          NetworkRecord record = described(spec, id, routes, routes6);
          writeOrTakeBack(record);
          return record;
        });
  }

  /**
   * Has the default bridge be there.
   *
   * @param id that nobody has, if it is to be made
   * @param routes what the host's lead to
   * @throws ConflictException if no block of addresses is free for it
   */
  public void ensureBridge(Supplier<String> id, Supplier<List<Subnet>> routes) {
    if (has(NetworkSpec.BRIDGE)) {
      return;
    }
    locked(
        "make the default bridge",
        () -> {
          if (!has(NetworkSpec.BRIDGE)) {
            NetworkSpec bridge =
                new NetworkSpec(
                    NetworkSpec.BRIDGE,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    false,
                    Map.of());
            if (networks.exists(NetworkSpec.BRIDGE)) {
              networks.removeTree(NetworkSpec.BRIDGE); // whoever made it was killed meanwhile
            }
            writeOrTakeBack(described(bridge, id.get(), routes, List::of));
          }
          return true;
        });
  }

  private void writeOrTakeBack(NetworkRecord record) {
    try {
      write(record);
    } catch (RuntimeException e) {
      takeBack(record.name(), e);
      throw e;
    }
  }

  private void write(NetworkRecord record) {
    networks.mkdirs(record.name() + "/" + AddressLinks.DIRECTORY, OWNERS_ALL);
    try (Dir dir = networks.openDir(record.name())) {
      FaultPoints.reached("network drafted");
      Durable.write(dir, FILE, record.encode(), true);
    }
    networks.sync();
  }

  private void takeBack(String name, RuntimeException reason) {
    try {
      networks.removeTree(name);
    } catch (RuntimeException e) {
      reason.addSuppressed(e);
    }
  }

  private NetworkRecord described(
      NetworkSpec spec, String id, Supplier<List<Subnet>> routes, Supplier<List<Subnet6>> routes6) {
    List<NetworkRecord> others = list();
    Subnet subnet;
    if (spec.subnet().isPresent()) {
      subnet = spec.subnet().get();
      for (NetworkRecord other : others) {
        if (other.subnet().overlaps(subnet)) {
          throw new ConflictException(
              "the subnet "
                  + subnet
                  + " overlaps "
                  + other.subnet()
                  + " of network "
                  + other.name()
                  + ": use another one");
        }
      }
    } else {
      List<Subnet> taken = new ArrayList<>(routes.get());
      others.stream().map(NetworkRecord::subnet).forEach(taken::add);
      subnet = AddressChoice.subnet(spec.name(), taken);
    }
    return new NetworkRecord(
        id,
        spec,
        Instant.now(),
        subnet,
        spec.range().orElse(subnet),
        spec.gateway().orElseGet(() -> Subnet.text(subnet.first() + 1)),
        spec.ipv6().map(wanted -> described(spec.name(), wanted, others, routes6)));
  }

  private static NetworkRecord.Ipv6 described(
      String name, NetworkIpv6 wanted, List<NetworkRecord> others, Supplier<List<Subnet6>> routes) {
    Subnet6 subnet;
    if (wanted.subnet().isPresent()) {
      subnet = wanted.subnet().get();
      for (NetworkRecord other : others) {
        if (other.ipv6().filter(its -> its.subnet().overlaps(subnet)).isPresent()) {
          throw new ConflictException(
              "the subnet "
                  + subnet
                  + " overlaps "
                  + other.ipv6().get().subnet()
                  + " of network "
                  + other.name()
                  + ": use another one");
        }
      }
    } else {
      List<Subnet6> taken = new ArrayList<>(routes.get());
      others.stream()
          .flatMap(other -> other.ipv6().stream())
          .map(NetworkRecord.Ipv6::subnet)
          .forEach(taken::add);
      subnet = AddressChoice6.subnet(name, taken, new SecureRandom());
    }
    return new NetworkRecord.Ipv6(
        subnet,
        wanted.range().orElse(subnet),
        wanted
            .gateway()
            .orElseGet(() -> Subnet6.text(Subnet6.number(subnet.first()).add(BigInteger.ONE))));
  }

  /**
   * Gives a container an address in a network, instead of one that it may have there.
   *
   * @throws NotFoundException if there is no such network
   * @throws ConflictException if the address is taken, or none is free
   */
  public void claim(NetworkAttachment attachment, ContainerId container) {
    String name = attachment.network();
    locked(
        "take an address of network " + name,
        () -> {
          links.claim(get(name), attachment, container);
          return container;
        });
  }

  /** The networks in which each container has an address. */
  public Map<ContainerId, Set<String>> claims() {
    Map<ContainerId, Set<String>> claims = new HashMap<>();
    for (String name : names()) {
      for (ContainerId id : links.all(name).values()) {
        claims.computeIfAbsent(id, first -> new HashSet<>()).add(name);
      }
    }
    return claims;
  }

  /** Takes its address in one network from a container. */
  public void release(String network, ContainerId container) {
    locked(
        "release the address of container " + container.shortHex() + " in network " + network,
        () -> {
          links.remove(network, container);
          return container;
        });
  }

  /** Takes all its addresses from a container. */
  public void release(ContainerId container) {
    List<String> names = names();
    if (names.isEmpty()) {
      return;
    }
    locked(
        "release the addresses of container " + container.shortHex(),
        () -> {
          for (String name : names) {
            links.remove(name, container);
          }
          return container;
        });
  }

  /** The directory that changes whenever a network's addresses do. */
  public Path addresses(String name) {
    return path.resolve(name).resolve(AddressLinks.DIRECTORY);
  }

  /** The containers of a network, by their IPv4 addresses; none where it is gone. */
  public Map<Long, ContainerId> endpoints(String name) {
    return links.endpoints(name);
  }

  /** The IPv6 addresses of a network's containers; none where it is gone, or has no IPv6. */
  public Map<ContainerId, String> endpoints6(String name) {
    return links.endpoints6(name);
  }

  /** Whether a container has an address of a network. */
  public boolean isIn(String name, ContainerId container) {
    return links.all(name).containsValue(container);
  }

  /**
   * Removes a network, be its record damaged.
   *
   * @param inUse what to say of the containers that have addresses
   * @return what it was; empty where that cannot be read
   * @throws NotFoundException if there is none
   * @throws ConflictException if a container has an address of it, or if it is the default bridge
   *     and whole
   */
  public Optional<NetworkRecord> remove(String name, Consumer<Set<ContainerId>> inUse) {
    return locked(
        "remove network " + name,
        () -> {
          Optional<NetworkRecord> record = readable(name);
          if (record.filter(known -> known.spec().isPredefined()).isPresent()) {
            throw new ConflictException(
                "network " + name + " is always there, and cannot be removed");
          }
          Set<ContainerId> users = new HashSet<>(links.all(name).values());
          if (!users.isEmpty()) {
            inUse.accept(users);
            throw new ConflictException("network " + name + " is used by containers");
          }
          networks.unlink(name + "/" + FILE);
          FaultPoints.reached("network removed");
          networks.removeTree(name);
          networks.sync();
          return record;
        });
  }

  private Optional<NetworkRecord> readable(String name) {
    try {
      return Optional.of(get(name));
    } catch (CorruptException damaged) {
      LOG.warn("network {} is removed although {}", name, damaged.getMessage());
      return Optional.empty();
    }
  }

  /** Whether there is a network of that name, be its record damaged. */
  public boolean has(String name) {
    return NetworkSpec.isName(name) && networks.exists(name + "/" + FILE);
  }

  /**
   * What is written about a network.
   *
   * @throws NotFoundException if there is none
   */
  public NetworkRecord get(String name) {
    return find(name).orElseThrow(() -> noSuch(name));
  }

  /** That there is no network of that name. */
  public static NotFoundException noSuch(String name) {
    return new NotFoundException(
        "there is no network \"" + name + "\": create it first, or use one that is there");
  }

  /**
   * The same; empty if there is none.
   *
   * @throws CorruptException if that cannot be read
   */
  public Optional<NetworkRecord> find(String name) {
    if (!NetworkSpec.isName(name)) {
      return Optional.empty();
    }
    String file = path.resolve(name).resolve(FILE).toString();
    try (Fd open = networks.open(name + "/" + FILE, Fcntl.O_RDONLY | Fcntl.O_NONBLOCK, 0)) {
      return Optional.of(NetworkRecord.decode(open.readAll(LARGEST), name, file));
    } catch (ErrnoException refusal) {
      if (refusal.is(Errno.ENOENT, Errno.ENOTDIR)) {
        return Optional.empty();
      }
      throw failed("read " + file, refusal);
    }
  }

  /** What is written about all networks, by name; damaged ones are logged and left out. */
  public List<NetworkRecord> list() {
    List<NetworkRecord> records = new ArrayList<>();
    read(records);
    return records;
  }

  /** All networks; empty if one of them is damaged, so that they are not all known. */
  public Optional<List<NetworkRecord>> whole() {
    List<NetworkRecord> records = new ArrayList<>();
    return read(records) ? Optional.of(records) : Optional.empty();
  }

  private boolean read(List<NetworkRecord> into) {
    boolean whole = true;
    for (String name : names()) {
      try {
        find(name).ifPresent(into::add);
      } catch (CorruptException damaged) {
        LOG.warn("network {} is not listed: {}", name, damaged.getMessage());
        whole = false;
      }
    }
    return whole;
  }

  private List<String> names() {
    return networks.list().stream().filter(NetworkSpec::isName).sorted().toList();
  }

  private <T> T locked(String what, Supplier<T> work) {
    try (Opened opened = new Opened()) {
      LockFile lock = opened.add(LockFile.open(networks, LOCK));
      if (!lock.lock(LockFile.Mode.EXCLUSIVE, PATIENCE)) {
        throw new TimedOutException(
            "cannot " + what + ": others changed networks for " + PATIENCE.toSeconds() + " s");
      }
      return work.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancelledException("interrupted before it could " + what, e);
    } catch (ErrnoException refusal) {
      throw failed(what, refusal);
    }
  }

  private static PinnaceException failed(String what, ErrnoException refusal) {
    return new PinnaceException("cannot " + what + ": " + refusal.getMessage(), refusal);
  }

  @Override
  public void close() {
    networks.close();
  }
}
