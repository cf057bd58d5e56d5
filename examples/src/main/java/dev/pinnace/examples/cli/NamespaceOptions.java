package dev.pinnace.examples.cli;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.NamespaceSpec.NetworkMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Flags that say which parts of the kernel a container has of its own. */
final class NamespaceOptions {
  private static final String LATER = "; others come with a later version";

  @Option(
      names = {"--network", "--net"},
      paramLabel = "none|host",
      description = "Nothing but loopback (the default), or the host's network.")
  private String network = "none";

  @Option(names = "--pid", paramLabel = "host", description = "Share the host's processes.")
  private String pid = "private";

  @Option(names = "--ipc", paramLabel = "host", description = "Share the host's IPC and /dev/shm.")
  private String ipc = "private";

  @Option(names = "--uts", paramLabel = "host", description = "Share the host's name.")
  private String uts = "private";

  @Option(names = "--cgroupns", paramLabel = "host", description = "See the host's cgroup tree.")
  private String cgroupns = "private";

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
    if (shared("--network", network, "none")) {
      spec.network(NetworkMode.HOST);
    }
    if (shared("--pid", pid, "private")) {
      spec.hostPid();
    }
    if (shared("--ipc", ipc, "private")) {
      spec.hostIpc();
    }
    if (shared("--uts", uts, "private")) {
      spec.hostUts();
    }
    if (shared("--cgroupns", cgroupns, "private")) {
      spec.hostCgroup();
    }
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

  private static boolean shared(String flag, String value, String own) {
    if (!value.equals("host") && !value.equals(own)) {
      throw new InvalidSpecException(
          flag + " " + value + " is not there: use " + own + " or host" + LATER);
    }
    return value.equals("host");
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
