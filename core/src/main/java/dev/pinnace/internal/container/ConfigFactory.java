package dev.pinnace.internal.container;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.internal.volume.LocalVolume;
import dev.pinnace.oci.ExecutionConfig;
import dev.pinnace.oci.RuntimeConfig;
import dev.pinnace.oci.RuntimeConfig.IdMapping;
import dev.pinnace.oci.RuntimeConfig.Mount;
import dev.pinnace.oci.RuntimeConfig.Namespace;
import dev.pinnace.oci.RuntimeConfig.NamespaceType;
import dev.pinnace.oci.RuntimeProcess;
import dev.pinnace.oci.RuntimeProcess.Capabilities;
import dev.pinnace.oci.RuntimeProcess.Rlimit;
import dev.pinnace.oci.RuntimeProcess.User;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.ContainerSpec;
import dev.pinnace.spec.NamespaceSpec;
import dev.pinnace.spec.NamespaceSpec.NetworkMode;
import dev.pinnace.spec.ProcessSpec;
import dev.pinnace.spec.SecuritySpec;
import dev.pinnace.spec.VolumeSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Turns what was asked for, and what the image says, into the runtime-spec configuration: Docker's
 * defaults are here.
 */
public final class ConfigFactory {
  private static final String HOME = "HOME";
  private static final String DEFAULT_PATH =
      "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private final ContainerSpec spec;
  private final ExecutionConfig image;
  private final Set<String> allCapabilities;
  private final boolean ids;

  /**
   * Prepares a container's configuration.
   *
   * @param allCapabilities every capability that can be had here, with {@code CAP_}
   * @param ids whether the container has more users and groups than 0
   */
  public ConfigFactory(
      ContainerSpec spec, ExecutionConfig image, Set<String> allCapabilities, boolean ids) {
    this.spec = spec;
    this.image = image;
    this.allCapabilities = Set.copyOf(allCapabilities);
    this.ids = ids;
  }

  /** As whom: what was asked for, else what the image says. */
  public String user() {
    return spec.process().user().orElseGet(() -> withoutNul("User", image.user()));
  }

  /**
   * What is asked for was looked at before; an image may hold anything, and is refused only where
   * it is used.
   */
  private String withoutNul(String member, String text) {
    if (text.indexOf('\0') >= 0) {
      throw new InvalidSpecException(
          "the image "
              + spec.image()
              + " cannot be used as it is: its "
              + member
              + " holds a NUL, which no program can receive; give another, or mend the image");
    }
    return text;
  }

  /** Whether users must be looked up in the image's files; root need not be. */
  public boolean needsUsers() {
    return !(user().isEmpty()
            || user().equals("0")
            || user().equals("root")
            || user().equals("0:0"))
        || !spec.process().groups().isEmpty();
  }

  /** The name that the container goes by. */
  public String hostname(ContainerId id) {
    return Hostname.of(id, spec.namespaces());
  }

  /**
   * The configuration.
   *
   * @param identity the user
   */
  public RuntimeConfig create(ContainerId id, Users.Identity identity) {
    SecuritySpec security = spec.security();
    Devices devices = new Devices(spec);
    return new RuntimeConfig(
        process(identity, hostname(id)),
        new RuntimeConfig.Root("", spec.readOnly()),
        ownName() ? hostname(id) : "",
        ownName() ? spec.namespaces().domainname().orElse("") : "",
        mounts(devices.mounts()),
        spec.annotations(),
        new RuntimeConfig.Linux(
            namespaces(),
            mappings(NamespaceSpec.UserMap::hostUid),
            mappings(NamespaceSpec.UserMap::hostGid),
            spec.namespaces().timeOffsets(),
            devices.nodes(),
            Resources.of(spec.limits(), devices.rules()),
            sysctls(),
            security.maskedPaths(),
            security.readOnlyPaths(),
            "",
            spec.namespaces().cgroupParent().map(parent -> cgroup(parent, id))));
  }

  private static String cgroup(String parent, ContainerId id) {
    return parent.equals("/") ? parent + id.hex() : parent + "/" + id.hex();
  }

  private RuntimeProcess process(Users.Identity identity, String hostname) {
    ProcessSpec process = spec.process();
    Set<String> capabilities = DefaultProfile.capabilities(spec.security(), allCapabilities);
    return new RuntimeProcess(
        process.terminal(),
        Optional.empty(),
        new User(identity.uid(), identity.gid(), 022, identity.groups()),
        arguments(),
        environment(identity, hostname),
        withoutNul("WorkingDir", process.workdir().orElseGet(this::imagesDirectory)),
        Capabilities.of(capabilities, identity.uid()),
        process.ulimits().stream()
            .map(u -> new Rlimit("RLIMIT_" + u.name().toUpperCase(Locale.ROOT), u.hard(), u.soft()))
            .toList(),
        spec.security().noNewPrivileges(),
        process.oomScoreAdj().isPresent()
            ? Optional.of(process.oomScoreAdj().getAsInt())
            : Optional.<Integer>empty(),
        spec.security().apparmor());
  }

  /** The root is where one begins that is not absolute. */
  private String imagesDirectory() {
    return image.workingDir().startsWith("/") ? image.workingDir() : "/" + image.workingDir();
  }

  /** A new entrypoint drops the image's command; a new command keeps the image's entrypoint. */
  private List<String> arguments() {
    ProcessSpec process = spec.process();
    List<String> arguments = new ArrayList<>(process.entrypoint().orElse(image.entrypoint()));
    if (!process.command().isEmpty()) {
      arguments.addAll(process.command());
    } else if (process.entrypoint().isEmpty()) {
      arguments.addAll(image.cmd());
    }
    if (arguments.isEmpty() || arguments.get(0).isEmpty()) {
      throw new InvalidSpecException(
          "neither the image "
              + spec.image()
              + " nor the specification names a program: give a command");
    }
    arguments.forEach(argument -> withoutNul("Entrypoint or Cmd", argument));
    return arguments;
  }

  private List<String> environment(Users.Identity identity, String hostname) {
    Map<String, String> env = new LinkedHashMap<>();
    if (image.env().stream().anyMatch(entry -> entry.startsWith(HOME + "="))) {
      env.put(HOME, ""); // the image's, below; not last, where hasDefaultHome looks
    }
    env.put("PATH", DEFAULT_PATH);
    env.put("HOSTNAME", hostname);
    if (spec.process().terminal()) {
      env.put("TERM", "xterm");
    }
    for (String entry : image.env()) {
      int equals = entry.indexOf('=');
      if (equals > 0) {
        env.put(entry.substring(0, equals), entry.substring(equals + 1));
      }
    }
    spec.process().unsetEnv().forEach(env::remove);
    env.putAll(spec.process().env());
    env.putIfAbsent(HOME, identity.home());
    return env.entrySet().stream()
        .map(e -> withoutNul("Env", e.getKey() + "=" + e.getValue()))
        .toList();
  }

  /**
   * Whether the last variable of {@code env}, which was made for {@code spec}, is the home
   * directory of its user, chosen by nobody.
   */
  public static boolean hasDefaultHome(ContainerSpec spec, List<String> env) {
    return !env.isEmpty()
        && env.get(env.size() - 1).startsWith(HOME + "=")
        && !spec.process().env().containsKey(HOME);
  }

  private boolean ownName() {
    return !spec.namespaces().hostUts() && spec.namespaces().utsOf().isEmpty();
  }

  private List<Namespace> namespaces() {
    NamespaceSpec wanted = spec.namespaces();
    List<Namespace> namespaces = new ArrayList<>();
    Optional<String> none = Optional.empty();
    Optional<String> users = wanted.others().stream().findFirst();
    add(namespaces, NamespaceType.MOUNT, true, none);
    add(namespaces, NamespaceType.PID, !wanted.hostPid(), wanted.pidOf());
    add(namespaces, NamespaceType.IPC, !wanted.hostIpc(), wanted.ipcOf());
    add(namespaces, NamespaceType.UTS, !wanted.hostUts(), wanted.utsOf());
    add(namespaces, NamespaceType.CGROUP, !wanted.hostCgroup(), none);
    if (wanted.network() != NetworkMode.HOST) {
      namespaces.add(new Namespace(NamespaceType.NETWORK, networkPath(wanted)));
    }
    add(namespaces, NamespaceType.USER, wanted.userMap().isPresent(), users);
    add(namespaces, NamespaceType.TIME, !wanted.timeOffsets().isEmpty(), none);
    return namespaces;
  }

  private static Optional<String> networkPath(NamespaceSpec wanted) {
    return wanted
        .networkOf()
        .map(id -> "container:" + id)
        .or(() -> wanted.networks().stream().findFirst().map(to -> "network:" + to.network()));
  }

  private static void add(
      List<Namespace> namespaces, NamespaceType type, boolean notTheHosts, Optional<String> other) {
    if (notTheHosts) {
      namespaces.add(new Namespace(type, other.map(id -> "container:" + id)));
    }
  }

  private List<IdMapping> mappings(java.util.function.ToLongFunction<NamespaceSpec.UserMap> side) {
    return spec.namespaces()
        .userMap()
        .map(m -> List.of(new IdMapping(0, side.applyAsLong(m), m.size())))
        .orElse(List.of());
  }

  private Map<String, String> sysctls() {
    Map<String, String> sysctls = new LinkedHashMap<>();
    if (spec.namespaces().network() != NetworkMode.HOST
        && spec.namespaces().networkOf().isEmpty()) {
      sysctls.put("net.ipv4.ip_unprivileged_port_start", "0");
      if (spec.namespaces().userMap().isEmpty()) {
        sysctls.put("net.ipv4.ping_group_range", ids ? "0 2147483647" : "0 0");
      }
    }
    spec.namespaces()
        .sysctls()
        .forEach(
            (name, value) -> {
              refuseSysctlOfOthers(name);
              sysctls.put(name, value);
            });
    return sysctls;
  }

  /** In a namespace that is shared, a kernel parameter is the host's, or another container's. */
  private void refuseSysctlOfOthers(String name) {
    NamespaceSpec wanted = spec.namespaces();
    if (name.startsWith("net.")) {
      refuseSysctl(name, wanted.network() == NetworkMode.HOST, wanted.networkOf(), "network");
    } else if (name.equals("kernel.hostname") || name.equals("kernel.domainname")) {
      refuseSysctl(name, wanted.hostUts(), wanted.utsOf(), "UTS namespace");
    } else {
      refuseSysctl(name, wanted.hostIpc(), wanted.ipcOf(), "IPC namespace");
    }
  }

  private static void refuseSysctl(
      String name, boolean host, Optional<String> other, String shared) {
    if (host || other.isPresent()) {
      throw new InvalidSpecException(
          "sysctl "
              + name
              + " would change "
              + other.map(id -> "container " + id.substring(0, 12)).orElse("the host")
              + ", whose "
              + shared
              + " the container shares: leave one of the two out");
    }
  }

  /**
   * @param devices those outside /dev
   */
  private List<Mount> mounts(List<Mount> devices) {
    boolean privileged = spec.security().privileged();
    List<Mount> mounts = new ArrayList<>();
    mounts.add(new Mount("/proc", "proc", "proc", List.of("nosuid", "noexec", "nodev")));
    mounts.add(
        new Mount(
            "/sys",
            "sysfs",
            "sysfs",
            options("nosuid", "noexec", "nodev", privileged ? "rw" : "ro")));
    mounts.add(
        new Mount(
            "/dev", "tmpfs", "tmpfs", List.of("nosuid", "noexec", "mode=755", "size=65536k")));
    mounts.add(
        new Mount(
            "/dev/pts",
            "devpts",
            "devpts",
            List.of("nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5")));
    boolean hostIpc = spec.namespaces().hostIpc();
    sharedMemory().ifPresent(mounts::add);
    messageQueues(hostIpc).ifPresent(mounts::add);
    mounts.add(
        new Mount(
            "/sys/fs/cgroup",
            "cgroup2",
            "cgroup",
            options("nosuid", "noexec", "nodev", privileged ? "rw" : "ro")));
    Stream.concat(devices.stream(), spec.mounts().stream().map(ConfigFactory::mount))
        .sorted(Comparator.comparing(Mount::destination))
        .forEach(mounts::add);
    mounts.addAll(EtcFiles.mounts(spec));
    return mounts;
  }

  private Optional<Mount> sharedMemory() {
    String place = "/dev/shm";
    if (spec.namespaces().noShm()) {
      return Optional.empty();
    }
    if (spec.namespaces().hostIpc()) {
      return Optional.of(new Mount(place, "bind", place, List.of("rbind")));
    }
    if (spec.namespaces().ipcOf().isPresent()) {
      return Optional.of(new Mount(place, RuntimeConfig.SHARED_MEMORY, "shm", List.of()));
    }
    return Optional.of(
        new Mount(
            place,
            "tmpfs",
            "shm",
            options("nosuid", "noexec", "nodev", "mode=1777", "size=" + spec.shmSize().count())));
  }

  /** An ordinary user cannot mount the host's, but bind them where they are mounted. */
  private Optional<Mount> messageQueues(boolean hostIpc) {
    String place = "/dev/mqueue";
    List<String> options = List.of("nosuid", "noexec", "nodev");
    if (!hostIpc || ids) {
      return Optional.of(new Mount(place, "mqueue", "mqueue", options));
    }
    return Optional.of(Path.of(place))
        .filter(Files::isDirectory)
        .map(queues -> new Mount(place, "bind", place, options));
  }

  private static List<String> options(String... options) {
    return List.of(options);
  }

  private static Mount mount(dev.pinnace.spec.Mount mount) {
    List<String> options = new ArrayList<>();
    if (mount.kind() == dev.pinnace.spec.Mount.Kind.TMPFS) {
      options.addAll(List.of("nosuid", "nodev", "noexec"));
    }
    options.addAll(mount.options());
    if (mount.readOnly()) {
      options.add("ro");
    }
    if (mount.kind() == dev.pinnace.spec.Mount.Kind.TMPFS) {
      return new Mount(mount.target(), "tmpfs", "tmpfs", options);
    }
    Path source = mount.source().orElseThrow();
    if (mount.volume().isPresent()) {
      VolumeSpec volume = mount.volume().get();
      if (!volume.driver().equals(VolumeSpec.LOCAL)) {
        options.add(VolumeWords.word(volume));
      } else if (!LocalVolume.of(volume).isDirectory()) {
        return VolumeWords.local(mount, LocalVolume.of(volume), options);
      }
    }
    options.addAll(BindWords.of(mount, source));
    boolean isVolume = mount.kind() == dev.pinnace.spec.Mount.Kind.VOLUME;
    return new Mount(
        mount.target(), "bind", (isVolume ? inRoot(source) : source).toString(), options);
  }

  /** Of {@code <root>/volumes/<name>/_data}, relative to {@code <root>/containers/<id>}. */
  private static Path inRoot(Path data) {
    int names = data.getNameCount();
    return Path.of("../..").resolve(data.subpath(names - 3, names));
  }

  /** What stops it: the signal that was asked for, else the image's, else SIGTERM. */
  public dev.pinnace.spec.Signal stopSignal() {
    return spec.lifecycle()
        .stopSignal()
        .or(() -> image.stopSignal().map(dev.pinnace.spec.Signal::parse))
        .orElse(dev.pinnace.spec.Signal.TERM);
  }
}
