package dev.pinnace.internal.network;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.error.TimedOutException;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.Opened;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.LockFile;
import dev.pinnace.linux.net.NetworkNamespace;
import dev.pinnace.linux.net.UnixSocket;
import dev.pinnace.linux.net.netlink.NetlinkSocket;
import dev.pinnace.linux.net.nft.NftTransaction;
import dev.pinnace.linux.net.relay.Publication;
import dev.pinnace.linux.net.relay.Relay;
import dev.pinnace.linux.net.relay.RelayClient;
import dev.pinnace.linux.net.route.Link;
import dev.pinnace.linux.net.route.Links;
import dev.pinnace.linux.process.Launcher;
import dev.pinnace.linux.process.Pidfd;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The router of a root: a network namespace with a bridge for each network, held by a relay that
 * lives as long as a container that needs it. This is one call's connection to it, with the lock on
 * its changes; closed, the router ends unless others hold it.
 */
public final class Router implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Router.class);

  /** What the names of bridges begin with. */
  static final String BRIDGES = "br-";

  private static final String LOCK = ".router.lock";
  private static final String DOOR = "router.sock";
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Path SETTINGS = Path.of("/proc/sys/net");

  private final Dir dir;
  private final LockFile lock;
  private final RelayClient relay;
  private final NetlinkSocket netlink;
  private final boolean made;

  private Router(Dir dir, LockFile lock, RelayClient relay, NetlinkSocket netlink, boolean made) {
    this.dir = dir;
    this.lock = lock;
    this.relay = relay;
    this.netlink = netlink;
    this.made = made;
  }

  /**
   * Connects to the router of a run directory, and makes it if there is none.
   *
   * @param networks the root's directory of them
   * @throws PinnaceException if the kernel refuses it
   */
  public static Router open(Path networks, Path run) {
    try (Opened opened = new Opened()) {
      Dir dir = opened.add(Dir.open(run));
      LockFile lock = opened.add(lock(networks));
      Optional<RelayClient> there = connect(dir);
      RelayClient relay = opened.add(there.isPresent() ? there.get() : start(dir));
      NetlinkSocket netlink;
      try (Fd namespace = relay.networkNamespace()) {
        netlink = opened.add(NetlinkSocket.open(NetlinkSocket.ROUTE, namespace));
      }
      opened.keep();
      return new Router(dir, lock, relay, netlink, there.isEmpty());
    } catch (ErrnoException refusal) {
      throw new PinnaceException(
          "cannot make the router of the networks: " + refusal.getMessage(), refusal);
    }
  }

  /**
   * Has nobody else wire or name containers until it is closed.
   *
   * @throws TimedOutException if another does for a minute
   */
  public static LockFile lock(Path networks) {
    try (Opened opened = new Opened();
        Dir dir = Dir.open(networks)) {
      LockFile lock = opened.add(LockFile.open(dir, LOCK));
      if (!lock.lock(LockFile.Mode.EXCLUSIVE, PATIENCE)) {
        throw new TimedOutException(
            "the router of the networks was being changed for " + PATIENCE.toSeconds() + " s");
      }
      opened.keep();
      return lock;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancelledException("interrupted while waiting for the router of the networks", e);
    }
  }

  /**
   * Removes the door of a relay that has ended.
   *
   * @return whether there was one
   */
  public static boolean tidy(Path networks, Path run) {
    if (!Files.exists(run.resolve(DOOR))) {
      return false;
    }
    try (LockFile lock = lock(networks);
        Dir dir = Dir.open(run)) {
      Optional<RelayClient> there = connect(dir);
      there.ifPresent(RelayClient::close);
      boolean left = there.isEmpty() && dir.exists(DOOR);
      if (left) {
        dir.unlink(DOOR);
      }
      return left;
    } catch (ErrnoException refusal) {
      throw new PinnaceException(
          "cannot ask the router of the networks: " + refusal.getMessage(), refusal);
    }
  }

  /** Whether there is, or was, a router: its relay may have been killed. */
  public static boolean isLeft(Path run) {
    return Files.exists(run.resolve(DOOR));
  }

  /** A look at the router from outside, for as long as others hold it; empty where none does. */
  public static Optional<RouterView> view(Path run) {
    try (Dir dir = Dir.open(run)) {
      return Optional.of(new RouterView(RelayClient.connect(door(dir))));
    } catch (ErrnoException refusal) {
      if (hasEnded(refusal)) {
        return Optional.empty();
      }
      throw refusal;
    }
  }

  private static boolean hasEnded(ErrnoException refusal) {
    return refusal.is(
        Errno.ENOENT, Errno.ECONNREFUSED, Errno.ECONNRESET, Errno.EPIPE, Errno.ENOTCONN);
  }

  /** A relay that is about to end refuses, or ends the connection. */
  private static Optional<RelayClient> connect(Dir dir) {
    Optional<RelayClient> client = Optional.empty();
    try {
      client = Optional.of(RelayClient.connect(door(dir)));
      client.get().hold();
      return client;
    } catch (ErrnoException refusal) {
      client.ifPresent(RelayClient::close);
      if (hasEnded(refusal)) {
        return Optional.empty();
      }
      throw refusal;
    }
  }

  private static String door(Dir dir) {
    return dir.path() + "/" + DOOR;
  }

  private static RelayClient start(Dir dir) {
    if (dir.exists(DOOR)) {
      dir.unlink(DOOR);
    }
    try (Launcher launcher = Launcher.load();
        Fd namespace = NetworkNamespace.create()) {
      NetworkNamespace.in(namespace, Router::settle);
      Relay relay =
          Relay.start(
              launcher,
              new Relay.Given(
                  UnixSocket.listen(door(dir)),
                  Optional.of(namespace),
                  Optional.empty(),
                  Optional.empty()));
      return opened(relay, namespace);
    }
  }

  private static RelayClient opened(Relay relay, Fd namespace) {
    try {
      Outbound.open(relay, namespace);
    } catch (RuntimeException | Error e) {
      relay.close();
      throw e;
    }
    relay.process().close();
    return relay.client();
  }

  /**
   * In a namespace that is new: nothing is passed on between networks, which may be inherited from
   * the host, and no rule of a firewall is asked what goes over a bridge.
   */
  private static Boolean settle() {
    write("ipv4/ip_forward", "0", true);
    write("ipv4/conf/all/rp_filter", "1", true); // nobody sends as one of another network
    write("ipv4/icmp_ratelimit", "0", false); // where no names are answered, that is said each time
    write("ipv6/conf/default/disable_ipv6", "1", false);
    write("ipv6/conf/all/disable_ipv6", "1", false); // where a network has it, its bridge has
    SixthSettings.settle();
    SixthSettings.on("lo"); // to which the relay's sockets are bound
    write("bridge/bridge-nf-call-iptables", "0", false);
    write("bridge/bridge-nf-call-ip6tables", "0", false);
    write("bridge/bridge-nf-call-arptables", "0", false);
    return true;
  }

  /** Those of the network namespace that the calling thread is in. */
  static void write(String setting, String value, boolean needed) {
    Path file = SETTINGS.resolve(setting);
    try {
      if ((needed || Files.exists(file)) && !Files.readString(file).strip().equals(value)) {
        Files.writeString(file, value);
      }
    } catch (IOException e) {
      throw new PinnaceException(
          "cannot set "
              + file
              + " in a network namespace: "
              + e.getMessage()
              + "; let /proc/sys be writable for the JVM",
          e);
    }
  }

  /** Whether this call has made it, and so nothing is in it but what this call puts there. */
  public boolean made() {
    return made;
  }

  NetlinkSocket netlink() {
    return netlink;
  }

  /** It lives until that process has ended. */
  public void hold(Pidfd process) {
    relay.hold(process);
  }

  /**
   * Leads a port of the host's to an address in the router, until that process has ended.
   *
   * @param target empty: whoever comes is reset
   * @return the relay's number of it
   * @throws ErrnoException EAGAIN where the relay has as many ports as it may
   */
  public int publish(HostPorts.Bound port, Optional<InetSocketAddress> target, Pidfd process) {
    return relay.publish(port.socket(), target, process).id();
  }

  /**
   * Leads it to another address, and resets what goes to the former one.
   *
   * @throws ErrnoException ESRCH where the relay has it no more
   */
  public void retarget(int publication, Optional<InetSocketAddress> target) {
    relay.retarget(new Publication(publication), target, true);
  }

  /** Removes the bridges of networks that are gone. */
  void sweep(Set<String> known) {
    Links links = new Links(netlink);
    for (Link link : links.list()) {
      if (link.name().startsWith(BRIDGES) && !known.contains(link.name())) {
        boolean unused =
            filter(Outbound.noRules(link.name())); // first: only those of bridges are looked for
        links.remove(link.index());
      }
    }
  }

  /** Does something in its namespace. */
  void inside(Runnable work) {
    try (Fd namespace = relay.networkNamespace()) {
      NetworkNamespace.in(
          namespace,
          () -> {
            work.run();
            return true;
          });
    }
  }

  /** Changes the firewall of the router: whether this kernel has what that needs. */
  boolean filter(NftTransaction rules) {
    try (Fd namespace = relay.networkNamespace();
        NetlinkSocket firewall = NetlinkSocket.open(NetlinkSocket.NETFILTER, namespace)) {
      rules.commit(firewall);
      return true;
    } catch (ErrnoException refusal) {
      // Without nftables, or its tproxy: as modules that are not there, or are not built at all.
      if (!refusal.is(Errno.ENOENT, Errno.ENOTSUP, Errno.EPROTONOSUPPORT, Errno.EINVAL)) {
        throw refusal;
      }
      LOG.warn(
          "containers of networks reach nothing outside: {}; load the kernel's modules nf_tables"
              + " and nft_tproxy, then start them anew",
          refusal.getMessage());
      return false;
    }
  }

  /** From now on others may change it. */
  public void unlock() {
    lock.unlock();
  }

  @Override
  public void close() {
    netlink.close();
    relay.close();
    lock.close();
    dir.close();
  }
}
