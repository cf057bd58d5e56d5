package dev.pinnace.spec;

import dev.pinnace.error.InvalidSpecException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a container has of its own, as a builder collects it: {@link NamespaceSpec}. */
abstract class NamespaceOptions<B> extends PortOptions<B> {
  private static final Pattern HOST_NAME = Pattern.compile("[a-zA-Z0-9]([a-zA-Z0-9._-]{0,62})");

  private static final int LONGEST_DOMAIN = 64;

  /** The one above, (uid_t) -1, stands for none. */
  private static final long LAST_ID = 0xFFFF_FFFEL;

  private NamespaceSpec.@Nullable NetworkMode network;
  private final List<NetworkAttachment> attachments = new ArrayList<>();
  private @Nullable String networkOf;
  private boolean hostPid;
  private @Nullable String pidOf;
  private boolean hostIpc;
  private @Nullable String ipcOf;
  private @Nullable String utsOf;
  private boolean noShm;
  private boolean hostUts;
  private boolean hostCgroup;
  private @Nullable String cgroupParent;
  private NamespaceSpec.@Nullable UserMap userMap;
  private final Map<String, Long> timeOffsets = new LinkedHashMap<>();
  private @Nullable String hostname;
  private @Nullable String domainname;
  private final Map<String, List<String>> extraHosts = new LinkedHashMap<>();
  private final List<String> dns = new ArrayList<>();
  private final List<String> dnsSearch = new ArrayList<>();
  private final List<String> dnsOptions = new ArrayList<>();
  private final Map<String, String> sysctls = new LinkedHashMap<>();

  @Override
  final void requirePorts(String asked) {
    refuseNetworkOf(asked);
    if (network != null) {
      throw conflict(asked, "network " + network);
    }
  }

  /** Its network: only loopback by default. */
  public B network(NamespaceSpec.NetworkMode mode) {
    Objects.requireNonNull(mode, "mode");
    refusePorts("network " + mode);
    if (networkOf != null) {
      throw conflict("network " + mode, "networkOf " + networkOf);
    }
    refuseAttached("network " + mode);
    this.network = mode;
    return self();
  }

  private void refuseAttached(String asked) {
    if (!attachments.isEmpty()) {
      throw conflict(asked, "the network " + attachments.get(0).network());
    }
  }

  /**
   * Is in a network of the engine, where it reaches the others that are, by name and address.
   * Called again, it is in several: its interfaces are {@code eth0}, {@code eth1} and so on, in
   * that order, and the first network that is not internal has its default route and its published
   * ports.
   *
   * @param name the network's; it must be there when the container is made, as {@code bridge}, the
   *     default bridge, always is
   * @throws InvalidSpecException if it is no name, for the same network twice, or with a {@link
   *     NamespaceSpec.NetworkMode} or {@link #networkOf}
   */
  public B network(String name) {
    Objects.requireNonNull(name, "name");
    return network(NetworkAttachment.to(name));
  }

  /**
   * The same with an address, a MAC or further names of its own there.
   *
   * @throws InvalidSpecException as above
   */
  public B network(NetworkAttachment wanted) {
    Objects.requireNonNull(wanted, "wanted");
    refuseNetworkOf("network " + wanted.network());
    if (network != null) {
      throw conflict("network " + wanted.network(), "network " + network);
    }
    if (attachments.stream().anyMatch(known -> known.network().equals(wanted.network()))) {
      throw conflict("network " + wanted.network(), "the same network");
    }
    attachments.add(wanted);
    return self();
  }

  private List<NetworkAttachment> networks() {
    if (attachments.isEmpty() && (publishesAll() || !published().isEmpty())) {
      throw new InvalidSpecException(
          "ports are published of a network only, and the container is in none: name one with"
              + " network(...), or --network, be it the default bridge, \"bridge\"");
    }
    return attachments;
  }

  /**
   * Shares the network of another container, which must run when this one starts: interfaces, ports
   * and abstract sockets, its name, and the files hosts, hostname and resolv.conf in /etc. It stays
   * in that network as long as it runs, with its restarts by a policy.
   *
   * @param container its name, or the beginning of its id; it is known by its id from then on
   * @throws InvalidSpecException with a network, a name, a domain name, hosts or name servers
   */
  public B networkOf(String container) {
    other("networkOf", container);
    if (network != null) {
      throw conflict("networkOf " + container, "network " + network);
    }
    refuseAttached("networkOf " + container);
    refuseNames("networkOf " + container);
    refusePorts("networkOf " + container);
    if (!extraHosts.isEmpty()) {
      throw conflict("networkOf " + container, "extraHost " + extraHosts.keySet());
    }
    if (!dns.isEmpty() || !dnsSearch.isEmpty() || !dnsOptions.isEmpty()) {
      throw conflict("networkOf " + container, "settings of the resolver");
    }
    this.networkOf = container;
    return self();
  }

  /**
   * Shares the processes of another container, which must run when this one starts: it sees them
   * and may signal them. It ends with that container's run, and is started again by its policy only
   * while that runs on.
   *
   * @param container its name, or the beginning of its id; it is known by its id from then on
   * @throws InvalidSpecException with {@link #hostPid}
   */
  public B pidOf(String container) {
    other("pidOf", container);
    if (hostPid) {
      throw conflict("pidOf " + container, "hostPid");
    }
    this.pidOf = container;
    return self();
  }

  /**
   * Shares the IPC of another container, which must run when this one starts: System V's,
   * /dev/mqueue and /dev/shm. It is started again by its policy only while that runs on.
   *
   * @param container its name, or the beginning of its id; it is known by its id from then on
   * @throws InvalidSpecException with {@link #hostIpc}, {@link #noShm} or a size of /dev/shm
   */
  public B ipcOf(String container) {
    other("ipcOf", container);
    giveUpMemory("ipcOf");
    this.ipcOf = container;
    return self();
  }

  /**
   * Shares the host name and the NIS domain of another container, which must run when this one
   * starts. It is started again by its policy only while that runs on.
   *
   * @param container its name, or the beginning of its id; it is known by its id from then on
   * @throws InvalidSpecException with {@link #hostUts}, a name or a domain name
   */
  public B utsOf(String container) {
    other("utsOf", container);
    if (hostUts) {
      throw conflict("utsOf " + container, "hostUts");
    }
    refuseNames("utsOf " + container);
    this.utsOf = container;
    return self();
  }

  private static void other(String option, String container) {
    Objects.requireNonNull(container, "container");
    if (container.isBlank()) {
      throw new InvalidSpecException(option + " needs the name or the id of a container");
    }
  }

  private void refuseNames(String asked) {
    if (hostname != null) {
      throw conflict(asked, "the hostname " + hostname);
    }
    if (domainname != null) {
      throw conflict(asked, "the domain name " + domainname);
    }
  }

  private void refuseNameOfOther(String asked) {
    if (hostUts) {
      throw conflict(asked, "hostUts");
    }
    if (utsOf != null) {
      throw conflict(asked, "utsOf " + utsOf);
    }
    refuseNetworkOf(asked);
  }

  private void refuseNetworkOf(String asked) {
    if (networkOf != null) {
      throw conflict(asked, "networkOf " + networkOf);
    }
  }

  /**
   * Has no /dev/shm.
   *
   * @throws InvalidSpecException with {@link #hostIpc}, {@link #ipcOf} or a size of it
   */
  public B noShm() {
    giveUpMemory("noShm");
    this.noShm = true;
    return self();
  }

  /** Shares the host's processes. */
  public B hostPid() {
    if (pidOf != null) {
      throw conflict("hostPid", "pidOf " + pidOf);
    }
    this.hostPid = true;
    return self();
  }

  /**
   * Shares the host's IPC: System V's, /dev/mqueue (for an ordinary user where it is mounted on the
   * host) and /dev/shm.
   *
   * @throws InvalidSpecException with {@link #ipcOf}, {@link #noShm} or a size of /dev/shm
   */
  public B hostIpc() {
    giveUpMemory("hostIpc");
    this.hostIpc = true;
    return self();
  }

  /** Shares the host's name. */
  public B hostUts() {
    if (utsOf != null) {
      throw conflict("hostUts", "utsOf " + utsOf);
    }
    refuseNames("hostUts");
    this.hostUts = true;
    return self();
  }

  /** Sees the host's cgroup tree. */
  public B hostCgroup() {
    this.hostCgroup = true;
    return self();
  }

  /**
   * The cgroup in which its own is made; that of the engine by default. Directories that are
   * missing are made when it starts, with every controller that may be handed down to them, and
   * removed with the last container in them. Limits that somebody sets there hold for all
   * containers in it together. Not where containers have no cgroups: then it is refused when the
   * container is created.
   *
   * @param path from the root of cgroup v2 if it begins with /, as Docker's driver cgroupfs takes
   *     it (for an ordinary user below what was delegated to it); otherwise below the engine's own
   * @throws InvalidSpecException for a path with .. in it, with a name that the kernel or the
   *     engine uses, or with none
   */
  public B cgroupParent(String path) {
    Objects.requireNonNull(path, "path");
    this.cgroupParent = CgroupPaths.parent(path);
    return self();
  }

  /**
   * A user namespace: the container's ids from 0 on are the host's from these on.
   *
   * @throws InvalidSpecException for negative ids, no ids at all, and ids beyond 4294967294
   */
  public B userMap(long hostUid, long hostGid, long size) {
    if (hostUid < 0 || hostGid < 0 || size < 1) {
      throw new InvalidSpecException(
          "a user map needs host ids of 0 or more and a size of 1 or more");
    }
    long first = Math.max(hostUid, hostGid);
    if (first > LAST_ID || size > LAST_ID - first + 1) {
      throw new InvalidSpecException(
          "a user map of "
              + size
              + " ids from "
              + first
              + " on has ids beyond "
              + LAST_ID
              + ", which is the last one");
    }
    this.userMap = new NamespaceSpec.UserMap(hostUid, hostGid, size);
    return self();
  }

  /** Shifts a clock, {@code monotonic} or {@code boottime}, by seconds. */
  public B timeOffset(String clock, long seconds) {
    if (!clock.equals("monotonic") && !clock.equals("boottime")) {
      throw new InvalidSpecException(
          "a time namespace shifts monotonic and boottime, not \"" + clock + "\"");
    }
    timeOffsets.put(clock, seconds);
    return self();
  }

  /** Its name, at most 63 letters, digits, dots, dashes and underscores. */
  public B hostname(String newName) {
    Objects.requireNonNull(newName, "newName");
    refuseNameOfOther("a hostname");
    if (!HOST_NAME.matcher(newName).matches()) {
      throw new InvalidSpecException(
          "\""
              + newName
              + "\" is not a host name: a letter or digit, then at most 62 letters, digits, dots,"
              + " dashes and underscores");
    }
    this.hostname = newName;
    return self();
  }

  /** Its NIS domain: a word of at most 64 bytes (setdomainname(2)), or nothing. */
  public B domainname(String newName) {
    refuseNameOfOther("a domain name");
    if (!newName.isEmpty()) {
      Checks.word("the domain name", newName);
      int length = newName.getBytes(StandardCharsets.UTF_8).length;
      if (length > LONGEST_DOMAIN) {
        throw new InvalidSpecException(
            "the domain name has " + length + " bytes; the kernel takes " + LONGEST_DOMAIN);
      }
    }
    this.domainname = newName;
    return self();
  }

  /**
   * A further line of /etc/hosts; a name may have several addresses. {@code "host-gateway"} is that
   * of the host: the one on its default route for a container in networks, 127.0.0.1 for one with
   * {@link NamespaceSpec.NetworkMode#HOST}, and for no other.
   *
   * @throws InvalidSpecException for an address that is none of IPv4 or IPv6, or a name with blanks
   */
  public B extraHost(String host, String address) {
    Objects.requireNonNull(host, "host");
    Objects.requireNonNull(address, "address");
    refuseNetworkOf("extraHost " + host);
    Checks.word("the name of a host", host);
    if (!address.equals(NamespaceSpec.HOST_GATEWAY)) {
      Checks.address("the address of " + host, address);
    }
    extraHosts.computeIfAbsent(host, first -> new ArrayList<>()).add(address);
    return self();
  }

  /**
   * Name servers instead of the host's (resolv.conf(5)). In a network they come after its gateway,
   * which answers for its peers and forwards to them what it does not know.
   *
   * @throws InvalidSpecException for what is no address of IPv4 or IPv6
   */
  public B dns(String... servers) {
    Objects.requireNonNull(servers, "servers");
    refuseNetworkOf("dns");
    for (String server : servers) {
      Checks.address("the name server", server);
    }
    dns.addAll(List.of(servers));
    return self();
  }

  /** Search domains instead of the host's (resolv.conf(5)). */
  public B dnsSearch(String... domains) {
    Objects.requireNonNull(domains, "domains");
    refuseNetworkOf("dnsSearch");
    for (String domain : domains) {
      Checks.word("the search domain", domain);
    }
    dnsSearch.addAll(List.of(domains));
    return self();
  }

  /** Options of the resolver, as in {@code ndots:2} (resolv.conf(5)). */
  public B dnsOption(String... options) {
    Objects.requireNonNull(options, "options");
    refuseNetworkOf("dnsOption");
    for (String option : options) {
      Checks.word("the option of the resolver", option);
    }
    dnsOptions.addAll(List.of(options));
    return self();
  }

  /**
   * A kernel parameter that belongs to one of its namespaces: {@code net.* kernel.shm* kernel.msg*
   * kernel.sem fs.mqueue.*}.
   */
  public B sysctl(String parameter, String value) {
    Objects.requireNonNull(value, "value");
    if (!parameter.matches(
            "(net\\..+|fs\\.mqueue\\..+|kernel\\.(shm.*|msg.*|sem|domainname|hostname))")
        || parameter.contains("..")) {
      throw new InvalidSpecException(
          "sysctl "
              + parameter
              + " belongs to the host, not to a namespace: only net.*, fs.mqueue.*, kernel.shm*,"
              + " kernel.msg* and kernel.sem can be set");
    }
    Checks.noNul("the name of a sysctl", parameter);
    Checks.noNul("the value of sysctl " + parameter, value);
    sysctls.put(parameter, value);
    return self();
  }

  /**
   * What it has been told.
   *
   * @throws InvalidSpecException if the host is to be reached from a container without a network
   */
  final NamespaceSpec namespaces() {
    extraHosts.forEach(
        (name, addresses) -> {
          if (addresses.contains(NamespaceSpec.HOST_GATEWAY)
              && attachments.isEmpty()
              && network != NamespaceSpec.NetworkMode.HOST) {
            throw new InvalidSpecException(
                "extraHost "
                    + name
                    + " "
                    + NamespaceSpec.HOST_GATEWAY
                    + ": a container without a network does not reach the host; let it be in a"
                    + " network, or have the host's");
          }
        });
    return new NamespaceSpec(
        network == null ? NamespaceSpec.NetworkMode.NONE : network,
        hostPid,
        hostIpc,
        hostUts,
        hostCgroup,
        Optional.ofNullable(userMap),
        timeOffsets,
        Optional.ofNullable(hostname),
        Optional.ofNullable(domainname),
        extraHosts,
        dns,
        dnsSearch,
        dnsOptions,
        sysctls,
        Optional.ofNullable(networkOf),
        Optional.ofNullable(pidOf),
        Optional.ofNullable(ipcOf),
        Optional.ofNullable(utsOf),
        noShm,
        networks(),
        published(),
        exposed(),
        publishesAll(),
        Optional.ofNullable(cgroupParent));
  }
}
