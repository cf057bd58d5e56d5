package dev.pinnace.spec;

import dev.pinnace.error.InvalidSpecException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Collects a {@link ContainerSpec}. Not thread-safe. Options that contradict each other are refused
 * at the call that does so.
 *
 * <p>Defaults: a generated name; the image's entrypoint, command, environment, user, working
 * directory and stop signal; no mounts; a writable root; 64 MiB of /dev/shm; no limits; Docker's
 * default security profile; no network but loopback; every other namespace private and no user
 * namespace; a hostname of the id's first twelve digits; {@link Lifetime#BOUND}; kept after its
 * end; no restart; ten seconds between stop signal and SIGKILL; no time limit; three log files of
 * 10 MiB.
 */
public final class ContainerSpecBuilder {
  private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]{1,127}");
  private static final Pattern VARIABLE = Pattern.compile("[^=\\x00]+");
  private static final Pattern HOST_NAME = Pattern.compile("[a-zA-Z0-9]([a-zA-Z0-9.-]{0,62})");

  private final String image;
  private @Nullable String name;
  private final Map<String, String> labels = new LinkedHashMap<>();

  private @Nullable List<String> entrypoint;
  private List<String> command = List.of();
  private final Map<String, String> env = new LinkedHashMap<>();
  private @Nullable String workdir;
  private @Nullable String user;
  private final List<String> groups = new ArrayList<>();
  private boolean init;
  private final List<Ulimit> ulimits = new ArrayList<>();
  private OptionalInt oomScoreAdj = OptionalInt.empty();

  private final List<Mount> mounts = new ArrayList<>();
  private boolean readOnly;
  private Bytes shmSize = Bytes.mebi(64);
  private final List<String> devices = new ArrayList<>();

  private @Nullable Bytes memory;
  private OptionalLong memorySwap = OptionalLong.empty();
  private @Nullable Bytes memoryReservation;
  private OptionalDouble cpus = OptionalDouble.empty();
  private OptionalInt cpuWeight = OptionalInt.empty();
  private @Nullable String cpusetCpus;
  private @Nullable String cpusetMems;
  private OptionalLong pids = OptionalLong.empty();
  private OptionalInt ioWeight = OptionalInt.empty();
  private final List<String> ioMax = new ArrayList<>();

  private boolean privileged;
  private final List<String> capAdd = new ArrayList<>();
  private final List<String> capDrop = new ArrayList<>();
  private @Nullable String seccomp;
  private boolean seccompUnconfined;
  private boolean noNewPrivileges;
  private boolean maskPaths = true;

  private NamespaceSpec.NetworkMode network = NamespaceSpec.NetworkMode.NONE;
  private boolean hostPid;
  private boolean hostIpc;
  private boolean hostUts;
  private boolean hostCgroup;
  private NamespaceSpec.@Nullable UserMap userMap;
  private final Map<String, Long> timeOffsets = new LinkedHashMap<>();
  private @Nullable String hostname;
  private @Nullable String domainname;
  private final Map<String, String> extraHosts = new LinkedHashMap<>();
  private final List<String> dns = new ArrayList<>();
  private final List<String> dnsSearch = new ArrayList<>();
  private final List<String> dnsOptions = new ArrayList<>();
  private final Map<String, String> sysctls = new LinkedHashMap<>();

  private Lifetime lifetime = Lifetime.BOUND;
  private boolean autoRemove;
  private RestartPolicy restart = RestartPolicy.never();
  private @Nullable Signal stopSignal;
  private Duration stopTimeout = Duration.ofSeconds(10);
  private @Nullable Duration timeout;
  private LogSpec log = LogSpec.DEFAULT;

  ContainerSpecBuilder(String image) {
    if (image.isBlank()) {
      throw new InvalidSpecException("a container needs an image: name one");
    }
    this.image = image;
  }

  /** Its unique name: a letter or digit, then letters, digits, {@code _ . -}. */
  public ContainerSpecBuilder name(String newName) {
    if (!NAME.matcher(newName).matches()) {
      throw new InvalidSpecException(
          "\""
              + newName
              + "\" cannot name a container: 2 to 128 characters of a-z A-Z 0-9 _ . - are allowed, the first a letter or digit");
    }
    this.name = newName;
    return this;
  }

  public ContainerSpecBuilder label(String key, String value) {
    if (key.isEmpty()) {
      throw new InvalidSpecException("a label needs a name");
    }
    labels.put(key, value);
    return this;
  }

  /**
   * Replaces the image's entrypoint; no argument removes it. The image's command goes too, as with
   * Docker.
   */
  public ContainerSpecBuilder entrypoint(String... program) {
    this.entrypoint = noNuls("entrypoint", program);
    return this;
  }

  /** Replaces the image's command. */
  public ContainerSpecBuilder command(String... arguments) {
    this.command = noNuls("command", arguments);
    return this;
  }

  /** Replaces the image's command. */
  public ContainerSpecBuilder command(List<String> arguments) {
    return command(arguments.toArray(String[]::new));
  }

  public ContainerSpecBuilder env(String variable, String value) {
    if (!VARIABLE.matcher(variable).matches() || value.indexOf('\0') >= 0) {
      throw new InvalidSpecException(
          "\""
              + variable
              + "\" cannot be an environment variable: it must not be empty or hold = or NUL");
    }
    env.put(variable, value);
    return this;
  }

  public ContainerSpecBuilder env(Map<String, String> variables) {
    variables.forEach(this::env);
    return this;
  }

  /** Replaces the image's working directory; an absolute path, made if it is missing. */
  public ContainerSpecBuilder workdir(String directory) {
    if (!directory.startsWith("/") || directory.indexOf('\0') >= 0) {
      throw new InvalidSpecException(
          "the working directory must be an absolute path: \"" + directory + "\"");
    }
    this.workdir = directory;
    return this;
  }

  /** As whom: {@code name}, {@code uid}, {@code name:group} or {@code uid:gid}. */
  public ContainerSpecBuilder user(String newUser) {
    this.user = newUser;
    return this;
  }

  /** Further groups, by name or number. */
  public ContainerSpecBuilder groups(String... more) {
    groups.addAll(List.of(more));
    return this;
  }

  /** Runs a small process 1 that reaps orphans and passes signals on. */
  public ContainerSpecBuilder init() {
    this.init = true;
    return this;
  }

  public ContainerSpecBuilder ulimit(Ulimit limit) {
    ulimits.stream()
        .filter(known -> known.name().equals(limit.name()))
        .findFirst()
        .ifPresent(known -> conflict("ulimit " + limit, known.toString()));
    ulimits.add(limit);
    return this;
  }

  /** -1000 to 1000. */
  public ContainerSpecBuilder oomScoreAdj(int adjustment) {
    if (adjustment < -1000 || adjustment > 1000) {
      throw new InvalidSpecException(
          "oom_score_adj lies between -1000 and 1000, not at " + adjustment);
    }
    this.oomScoreAdj = OptionalInt.of(adjustment);
    return this;
  }

  public ContainerSpecBuilder mount(Mount mount) {
    if (mount.target().isEmpty()) {
      throw new InvalidSpecException("the mount has no place in the container: call at(...)");
    }
    mounts.stream()
        .filter(known -> known.target().equals(mount.target()))
        .findFirst()
        .ifPresent(
            known ->
                conflict(
                    "a mount on " + mount.target(),
                    "the mount of " + known.source().map(Object::toString).orElse("memory")));
    mounts.add(mount);
    return this;
  }

  /** Makes the root file system read-only; mounts stay as they are. */
  public ContainerSpecBuilder readOnly() {
    this.readOnly = true;
    return this;
  }

  public ContainerSpecBuilder shmSize(Bytes size) {
    this.shmSize = size;
    return this;
  }

  /**
   * Gives it a device node of the host: {@code /dev/fuse}, {@code /dev/sda:/dev/xvda} or {@code
   * /dev/sda:/dev/xvda:r}. The last part is what the container may do, of {@code r}, {@code w} and
   * {@code m} (mknod): all three by default.
   */
  public ContainerSpecBuilder device(String hostAndContainer) {
    DeviceMapping.parse(hostAndContainer);
    devices.add(hostAndContainer);
    return this;
  }

  public ContainerSpecBuilder memory(Bytes limit) {
    this.memory = limit;
    return this;
  }

  /** Memory and swap together, in bytes; -1 for unlimited swap. */
  public ContainerSpecBuilder memorySwap(long limit) {
    this.memorySwap = OptionalLong.of(limit);
    return this;
  }

  public ContainerSpecBuilder memoryReservation(Bytes reserved) {
    this.memoryReservation = reserved;
    return this;
  }

  /** Processors' worth of time: 1.5 is 150 ms in every 100. */
  public ContainerSpecBuilder cpus(double processors) {
    this.cpus = OptionalDouble.of(processors);
    return this;
  }

  /** Share under contention, 1 to 10,000; 100 is usual. */
  public ContainerSpecBuilder cpuWeight(int weight) {
    this.cpuWeight = OptionalInt.of(weight);
    return this;
  }

  public ContainerSpecBuilder cpusetCpus(String processors) {
    this.cpusetCpus = processors;
    return this;
  }

  public ContainerSpecBuilder cpusetMems(String nodes) {
    this.cpusetMems = nodes;
    return this;
  }

  /** Processes and threads at once. */
  public ContainerSpecBuilder pids(long most) {
    this.pids = OptionalLong.of(most);
    return this;
  }

  /** Share of I/O under contention, 1 to 10,000. */
  public ContainerSpecBuilder ioWeight(int weight) {
    this.ioWeight = OptionalInt.of(weight);
    return this;
  }

  /** A line of io.max: {@code 8:0 rbps=1048576 wiops=100}. */
  public ContainerSpecBuilder ioMax(String line) {
    ioMax.add(line);
    return this;
  }

  /** Every capability, no seccomp filter, nothing masked, the host's devices. */
  public ContainerSpecBuilder privileged() {
    if (seccomp != null) {
      conflict("privileged", "a seccomp profile");
    }
    this.privileged = true;
    return this;
  }

  public ContainerSpecBuilder capAdd(String... names) {
    capAdd.addAll(List.of(names));
    return this;
  }

  public ContainerSpecBuilder capDrop(String... names) {
    capDrop.addAll(List.of(names));
    return this;
  }

  /** A seccomp profile as text in Docker's JSON format, instead of the default one. */
  public ContainerSpecBuilder seccomp(String profile) {
    if (privileged || seccompUnconfined) {
      conflict("a seccomp profile", privileged ? "privileged" : "seccompUnconfined");
    }
    this.seccomp = profile;
    return this;
  }

  /** Loads no seccomp filter. */
  public ContainerSpecBuilder seccompUnconfined() {
    if (seccomp != null) {
      conflict("seccompUnconfined", "a seccomp profile");
    }
    this.seccompUnconfined = true;
    return this;
  }

  /** Setuid programs and file capabilities grant nothing. */
  public ContainerSpecBuilder noNewPrivileges() {
    this.noNewPrivileges = true;
    return this;
  }

  /** Leaves kernel files in /proc and /sys visible and writable as far as capabilities allow. */
  public ContainerSpecBuilder unmaskPaths() {
    this.maskPaths = false;
    return this;
  }

  public ContainerSpecBuilder network(NamespaceSpec.NetworkMode mode) {
    this.network = mode;
    return this;
  }

  /** Shares the host's processes. */
  public ContainerSpecBuilder hostPid() {
    this.hostPid = true;
    return this;
  }

  /** Shares the host's IPC and /dev/shm. */
  public ContainerSpecBuilder hostIpc() {
    this.hostIpc = true;
    return this;
  }

  /** Shares the host's name. */
  public ContainerSpecBuilder hostUts() {
    if (hostname != null) {
      conflict("hostUts", "the hostname " + hostname);
    }
    if (domainname != null) {
      conflict("hostUts", "the domain name " + domainname);
    }
    this.hostUts = true;
    return this;
  }

  /** Sees the host's cgroup tree. */
  public ContainerSpecBuilder hostCgroup() {
    this.hostCgroup = true;
    return this;
  }

  /** A user namespace: the container's ids from 0 on are the host's from these on. */
  public ContainerSpecBuilder userMap(long hostUid, long hostGid, long size) {
    if (hostUid < 0 || hostGid < 0 || size < 1 || size > 0xFFFF_FFFEL) {
      throw new InvalidSpecException(
          "a user map needs host ids of 0 or more and a size of 1 or more");
    }
    this.userMap = new NamespaceSpec.UserMap(hostUid, hostGid, size);
    return this;
  }

  /** Shifts a clock, {@code monotonic} or {@code boottime}, by seconds. */
  public ContainerSpecBuilder timeOffset(String clock, long seconds) {
    if (!clock.equals("monotonic") && !clock.equals("boottime")) {
      throw new InvalidSpecException(
          "a time namespace shifts monotonic and boottime, not \"" + clock + "\"");
    }
    timeOffsets.put(clock, seconds);
    return this;
  }

  /** Its name, at most 63 letters, digits, dots and dashes. */
  public ContainerSpecBuilder hostname(String newName) {
    if (hostUts) {
      conflict("a hostname", "hostUts");
    }
    if (!HOST_NAME.matcher(newName).matches()) {
      throw new InvalidSpecException(
          "\"" + newName + "\" is not a host name: at most 63 letters, digits, dots and dashes");
    }
    this.hostname = newName;
    return this;
  }

  public ContainerSpecBuilder domainname(String newName) {
    if (hostUts) {
      conflict("a domain name", "hostUts");
    }
    this.domainname = newName;
    return this;
  }

  /** A further line of /etc/hosts. */
  public ContainerSpecBuilder extraHost(String host, String address) {
    extraHosts.put(host, address);
    return this;
  }

  /** Name servers instead of the host's. */
  public ContainerSpecBuilder dns(String... servers) {
    dns.addAll(List.of(servers));
    return this;
  }

  public ContainerSpecBuilder dnsSearch(String... domains) {
    dnsSearch.addAll(List.of(domains));
    return this;
  }

  public ContainerSpecBuilder dnsOption(String... options) {
    dnsOptions.addAll(List.of(options));
    return this;
  }

  /**
   * A kernel parameter that belongs to one of its namespaces: {@code net.* kernel.shm* kernel.msg*
   * kernel.sem fs.mqueue.*}.
   */
  public ContainerSpecBuilder sysctl(String parameter, String value) {
    if (!parameter.matches(
            "(net\\..+|fs\\.mqueue\\..+|kernel\\.(shm.*|msg.*|sem|domainname|hostname))")
        || parameter.contains("..")) {
      throw new InvalidSpecException(
          "sysctl "
              + parameter
              + " belongs to the host, not to a namespace: only net.*, fs.mqueue.*, kernel.shm*, kernel.msg* and kernel.sem can be set");
    }
    sysctls.put(parameter, value);
    return this;
  }

  /** Outlives this JVM. */
  public ContainerSpecBuilder detached() {
    this.lifetime = Lifetime.DETACHED;
    return this;
  }

  /** Is removed when it has ended. */
  public ContainerSpecBuilder autoRemove() {
    if (restart.kind() != RestartPolicy.Kind.NO) {
      conflict("autoRemove", "the restart policy " + restart);
    }
    this.autoRemove = true;
    return this;
  }

  public ContainerSpecBuilder restart(RestartPolicy policy) {
    if (autoRemove && policy.kind() != RestartPolicy.Kind.NO) {
      conflict("the restart policy " + policy, "autoRemove");
    }
    this.restart = policy;
    return this;
  }

  public ContainerSpecBuilder stopSignal(Signal signal) {
    this.stopSignal = signal;
    return this;
  }

  /** Between stop signal and SIGKILL. */
  public ContainerSpecBuilder stopTimeout(Duration grace) {
    this.stopTimeout = notNegative("the stop timeout", grace);
    return this;
  }

  /** The longest it may run by the wall clock; then it is killed. */
  public ContainerSpecBuilder timeout(Duration longest) {
    if (longest.isZero()) {
      throw new InvalidSpecException("a time limit of zero would let nothing run");
    }
    this.timeout = notNegative("the time limit", longest);
    return this;
  }

  public ContainerSpecBuilder log(LogSpec newLog) {
    this.log = newLog;
    return this;
  }

  /** The finished specification. */
  public ContainerSpec build() {
    return new ContainerSpec(
        image,
        Optional.ofNullable(name),
        labels,
        new ProcessSpec(
            Optional.ofNullable(entrypoint),
            command,
            env,
            Optional.ofNullable(workdir),
            Optional.ofNullable(user),
            groups,
            init,
            ulimits,
            oomScoreAdj),
        mounts,
        readOnly,
        shmSize,
        devices,
        new Limits(
            Optional.ofNullable(memory),
            memorySwap,
            Optional.ofNullable(memoryReservation),
            cpus,
            cpuWeight,
            Optional.ofNullable(cpusetCpus),
            Optional.ofNullable(cpusetMems),
            pids,
            ioWeight,
            ioMax),
        new SecuritySpec(
            privileged,
            capAdd,
            capDrop,
            Optional.ofNullable(seccomp),
            seccompUnconfined,
            noNewPrivileges,
            maskPaths),
        new NamespaceSpec(
            network,
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
            sysctls),
        new LifecycleSpec(
            lifetime,
            autoRemove,
            restart,
            Optional.ofNullable(stopSignal),
            stopTimeout,
            Optional.ofNullable(timeout),
            log));
  }

  private static List<String> noNuls(String what, String... words) {
    if (Arrays.stream(words).anyMatch(w -> w.indexOf('\0') >= 0)) {
      throw new InvalidSpecException(
          "an argument of the " + what + " holds a NUL, which no program can receive");
    }
    return List.of(words);
  }

  private static Duration notNegative(String what, Duration duration) {
    if (duration.isNegative()) {
      throw new InvalidSpecException(what + " cannot be negative: " + duration);
    }
    return duration;
  }

  private static void conflict(String asked, String earlier) {
    throw new InvalidSpecException(asked + " contradicts " + earlier + ", which was set before");
  }
}
