package dev.pinnace.examples.cli;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.spec.ContainerLink;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.NamespaceSpec.NetworkMode;
import dev.pinnace.spec.NetworkAttachment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Option;

/** Flags that say which parts of the kernel a container has of its own. */
final class NamespaceOptions {
  private static final String PRIVATE = "private";
  private static final String HOST = "host";
  private static final String OTHER = "container:";
  private static final Set<String> MODES = Set.of("none", HOST);

  @Option(
      names = {"--network", "--net"},
      paramLabel = "NETWORK",
      description =
          "A network, also several, or name=NETWORK,alias=NAME,ip=ADDRESS,ip6=ADDRESS,"
              + "mac-address=MAC; bridge is always there; or none (loopback only, the default),"
              + " host or container:OTHER.")
  private List<String> networks = new ArrayList<>();

  @Option(
      names = "--ip",
      paramLabel = "ADDRESS",
      description = "Its address in the first network; by default the lowest that is free.")
  private Optional<String> address = Optional.empty();

  @Option(
      names = "--ip6",
      paramLabel = "ADDRESS",
      description = "Its IPv6 address in the first network; by default the lowest that is free.")
  private Optional<String> ipv6 = Optional.empty();

  @Option(
      names = {"--network-alias", "--net-alias"},
      paramLabel = "NAME",
      description = "A further name by which the first network's other containers find it.")
  private List<String> aliases = new ArrayList<>();

  @Option(
      names = "--link",
      paramLabel = "NAME[:ALIAS]",
      description =
          "A name that it alone has for another container in the first network; on bridge with"
              + " environment variables.")
  private List<String> links = new ArrayList<>();

  @Option(
      names = "--mac-address",
      paramLabel = "MAC",
      description =
          "Its first interface's, as in 02:42:ac:1c:00:05; by default made of its address.")
  private Optional<String> mac = Optional.empty();

  @Option(
      names = "--pid",
      paramLabel = "MODE",
      description = "Whose processes it shares: host, or container:OTHER.")
  private String pid = PRIVATE;

  @Option(
      names = "--ipc",
      paramLabel = "MODE",
      description = "private, shareable, none (no /dev/shm), host or container:OTHER.")
  private String ipc = PRIVATE;

  @Option(
      names = "--uts",
      paramLabel = "MODE",
      description = "Whose name it shares: host, or container:OTHER.")
  private String uts = PRIVATE;

  @Option(
      names = "--cgroupns",
      paramLabel = "private|host",
      description = "Whether it sees the host's cgroup tree.")
  private String cgroupns = PRIVATE;

  @Option(
      names = "--cgroup-parent",
      paramLabel = "PATH",
      description = "The cgroup that holds its own: from cgroup v2's root, or below the engine's.")
  private Optional<String> cgroupParent = Optional.empty();

  @Option(
      names = "--userns-map",
      paramLabel = "UID:GID:SIZE",
      description = "Users 0 to SIZE-1 are the host's from UID on, groups from GID on.")
  private Optional<String> userMap = Optional.empty();

  @Option(
      names = "--userns",
      paramLabel = "host",
      description = "The users of the host, which is the default; for others use --userns-map.")
  private Optional<String> userns = Optional.empty();

  @Option(
      names = "--time-offset",
      paramLabel = "CLOCK=SECONDS",
      description = "Shift the clock monotonic or boottime.")
  private List<String> timeOffsets = new ArrayList<>();

  @Option(
      names = {"-h", "--hostname"},
      paramLabel = "NAME",
      description = "Its name; by default the first twelve digits of its id.")
  private Optional<String> hostname = Optional.empty();

  @Option(names = "--domainname", paramLabel = "NAME", description = "Its NIS domain.")
  private Optional<String> domainname = Optional.empty();

  @Option(
      names = "--sysctl",
      paramLabel = "NAME=VALUE",
      description = "Set a kernel parameter of its namespaces.")
  private List<String> sysctls = new ArrayList<>();

  @Option(
      names = "--add-host",
      paramLabel = "NAME:ADDRESS",
      description = "Add a line to /etc/hosts.")
  private List<String> hosts = new ArrayList<>();

  @Option(names = "--dns", paramLabel = "ADDRESS", description = "Use this name server.")
  private List<String> dns = new ArrayList<>();

  @Option(names = "--dns-search", paramLabel = "DOMAIN", description = "Search this domain.")
  private List<String> dnsSearch = new ArrayList<>();

  @Option(
      names = {"--dns-option", "--dns-opt"},
      paramLabel = "OPTION",
      description = "Set an option of the resolver, such as ndots:2.")
  private List<String> dnsOptions = new ArrayList<>();

  void addTo(ContainerSpecBuilder spec) {
    addNetwork(spec);
    if (pid.equals(HOST)) {
      spec.hostPid();
    } else if (!isPrivate(pid)) {
      spec.pidOf(other("--pid", pid, HOST, ""));
    }
    addIpc(spec);
    if (uts.equals(HOST)) {
      spec.hostUts();
    } else if (!isPrivate(uts)) {
      spec.utsOf(other("--uts", uts, HOST, ""));
    }
    if (cgroupns.equals(HOST)) {
      spec.hostCgroup();
    } else if (!isPrivate(cgroupns)) {
      throw new InvalidSpecException(
          "--cgroupns " + cgroupns + " is not there: use private or host");
    }
    cgroupParent.filter(path -> !path.isEmpty()).ifPresent(spec::cgroupParent);
    checkUsers();
    userMap.ifPresent(text -> addUserMap(text, spec));
    Assignments.pairs("--time-offset", timeOffsets, '=')
        .forEach((clock, by) -> spec.timeOffset(clock, number("--time-offset", by)));
    hostname.ifPresent(spec::hostname);
    domainname.ifPresent(spec::domainname);
    Assignments.pairs("--sysctl", sysctls, '=').forEach(spec::sysctl);
    for (String host : hosts) {
      char separator = host.indexOf('=') > 0 ? '=' : ':';
      Assignments.pairs("--add-host", List.of(host), separator).forEach(spec::extraHost);
    }
    dns.forEach(spec::dns);
    dnsSearch.forEach(spec::dnsSearch);
    dnsOptions.forEach(spec::dnsOption);
  }

  private void addNetwork(ContainerSpecBuilder spec) {
    Optional<String> mode = networks.stream().filter(NamespaceOptions::isMode).findFirst();
    if (mode.isPresent() && networks.stream().distinct().count() > 1) {
      throw new InvalidSpecException(
          "--network "
              + String.join(" --network ", networks)
              + ": a container with "
              + mode.get()
              + " is in no other network");
    }
    boolean settings =
        address.isPresent() || ipv6.isPresent() || mac.isPresent() || !aliases.isEmpty();
    boolean attached = mode.isEmpty() && !networks.isEmpty();
    if (settings && !attached) {
      throw new InvalidSpecException(
          "--ip, --ip6, --mac-address and --network-alias need a network: make one with network create,"
              + " and name it with --network");
    }
    if (!links.isEmpty() && !attached) {
      throw new InvalidSpecException(
          "--link "
              + links.get(0)
              + " needs a network: name one of both containers with --network, as in --network"
              + " bridge");
    }
    if (mode.isPresent()) {
      addMode(mode.get(), spec);
      return;
    }
    for (int i = 0; i < networks.size(); i++) {
      NetworkAttachment to = NetworkFlag.parse(networks.get(i));
      spec.network(i == 0 ? withSettings(to) : to);
    }
  }

  private static boolean isMode(String text) {
    return MODES.contains(text) || text.startsWith(OTHER);
  }

  private static void addMode(String mode, ContainerSpecBuilder spec) {
    if (mode.startsWith(OTHER)) {
      spec.networkOf(other("--network", mode, "none, host, a network", ""));
    } else {
      spec.network(mode.equals(HOST) ? NetworkMode.HOST : NetworkMode.NONE);
    }
  }

  /** What flags of their own say is of the first network, as for Docker. */
  private NetworkAttachment withSettings(NetworkAttachment first) {
    refuseTwice("--ip", address.isPresent() && first.address().isPresent());
    refuseTwice("--ip6", ipv6.isPresent() && first.ipv6().isPresent());
    refuseTwice("--mac-address", mac.isPresent() && first.mac().isPresent());
    refuseTwice("--network-alias", !aliases.isEmpty() && !first.aliases().isEmpty());
    NetworkAttachment to = address.map(first::withAddress).orElse(first);
    to = ipv6.map(to::withIpv6).orElse(to);
    to = mac.map(to::withMac).orElse(to);
    for (String alias : aliases) {
      to = to.withAlias(alias);
    }
    for (String link : links) {
      to = to.withLink(ContainerLink.parse(link));
    }
    return to;
  }

  private void refuseTwice(String flag, boolean twice) {
    if (twice) {
      throw new InvalidSpecException(
          flag + " and --network " + networks.get(0) + " say both: leave one of the two out");
    }
  }

  private void checkUsers() {
    if (userns.filter(mode -> !mode.isEmpty() && !mode.equals("host")).isPresent()) {
      throw new InvalidSpecException(
          "--userns "
              + userns.get()
              + " is not there: use host, or --userns-map UID:GID:SIZE for users of its own");
    }
    if (userns.filter("host"::equals).isPresent() && userMap.isPresent()) {
      throw new InvalidSpecException("--userns host contradicts --userns-map: leave one out");
    }
  }

  /** Docker takes an empty one for the default. */
  private static boolean isPrivate(String mode) {
    return mode.isEmpty() || mode.equals(PRIVATE);
  }

  /** That of each container can be shared. */
  private void addIpc(ContainerSpecBuilder spec) {
    switch (ipc) {
      case "", PRIVATE, "shareable" -> {}
      case "none" -> spec.noShm();
      case HOST -> spec.hostIpc();
      default -> spec.ipcOf(other("--ipc", ipc, "private, shareable, none, host", ""));
    }
  }

  /** The container that a mode names. */
  private static String other(String flag, String mode, String modes, String besides) {
    if (!mode.startsWith(OTHER) || mode.length() == OTHER.length()) {
      throw new InvalidSpecException(
          flag + " " + mode + " is not there: use " + modes + " or " + OTHER + "NAME" + besides);
    }
    return mode.substring(OTHER.length());
  }

  private static void addUserMap(String text, ContainerSpecBuilder spec) {
    String[] parts = text.split(":", -1);
    if (parts.length != 3) {
      throw new InvalidSpecException(
          "--userns-map " + text + ": write UID:GID:SIZE, as in 100000:100000:65536");
    }
    spec.userMap(
        number("--userns-map", parts[0]),
        number("--userns-map", parts[1]),
        number("--userns-map", parts[2]));
  }

  private static long number(String flag, String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new InvalidSpecException(flag + ": \"" + text + "\" is not a number", e);
    }
  }
}
