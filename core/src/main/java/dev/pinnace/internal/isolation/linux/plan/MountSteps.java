package dev.pinnace.internal.isolation.linux.plan;

import static dev.pinnace.linux.plan.Constants.*;

import dev.pinnace.linux.plan.LaunchPlan;
import dev.pinnace.linux.plan.Named;
import dev.pinnace.linux.plan.Operand;
import dev.pinnace.linux.plan.Register;
import dev.pinnace.linux.plan.Section;
import dev.pinnace.linux.plan.StepBuilder;
import dev.pinnace.oci.RuntimeConfig;
import dev.pinnace.oci.RuntimeConfig.Mount;
import dev.pinnace.oci.RuntimeConfig.NamespaceType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything mounted below the root, before it becomes the root. Places are found through
 * openat2(2) in the new root, so a symbolic link of the image leads nowhere else; /proc and /sys
 * must not be links at all (CVE-2019-19921).
 */
final class MountSteps {
  private final LaunchPlan.Builder plan;
  private final RuntimeConfig config;
  private final HostFacts host;
  private final Register proc;
  private final OwnerMaps owners;
  private final Map<Mount, Register> opened = new HashMap<>();
  private final Map<Mount, String> kept = new HashMap<>();
  private final Map<Mount, Register> mounted = new HashMap<>();
  private Optional<Register> nullDevice = Optional.empty();

  MountSteps(LaunchPlan.Builder plan, RuntimeConfig config, HostFacts host) {
    this.plan = plan;
    this.config = config;
    this.host = host;
    this.proc = plan.register("proc");
    this.owners = new OwnerMaps(plan);
    config.mounts().forEach(this::expectBorrowed);
  }

  /** What {@link NamespaceSteps#borrow} brings is mounted already. */
  private void expectBorrowed(Mount mount) {
    if (mount.type().equals(RuntimeConfig.SHARED_MEMORY)) {
      mounted.put(mount, JoinedNamespaces.sharedMemory(plan));
    } else if (mount.type().equals("proc") && config.linux().joins(NamespaceType.PID)) {
      mounted.put(mount, proc);
    }
  }

  /** The private proc, through which kernel files are written. */
  Register proc() {
    return proc;
  }

  /** The null device of the /dev that was made; empty where none was, or nothing is masked. */
  Optional<Register> nullDevice() {
    return nullDevice;
  }

  /** What is made once for the container. */
  void prepare() {
    owners.prepare(config, host);
  }

  /**
   * Before the mounts of the host become private to the container: sources that go on hearing of
   * them are copied while they still do. They wait in registers.
   */
  void openPropagating(Section section) {
    for (Mount mount : config.mounts()) {
      if (isBind(mount) && options(mount).propagation().isPresent()) {
        Register copy = plan.register("propagating" + opened.size());
        new BindSource(plan, section, mount, owners).copy(copy);
        opened.put(mount, copy);
      }
    }
  }

  /**
   * Before a user namespace is joined: what could not be reached or mounted in it. Sources of binds
   * wait on numbered places of the working directory, of which there may be hundreds; file systems
   * of namespaces that stay the host's wait in registers.
   */
  void stage() {
    for (Mount mount : config.mounts()) {
      if (isDevice(mount)) {
        Register device = plan.register("volume" + mounted.size());
        make(Section.STAGE, mount, device);
        mounted.put(mount, device);
      }
    }
    if (!config.linux().has(NamespaceType.USER)) {
      return;
    }
    for (Mount mount : config.mounts()) {
      if (isBind(mount) && !opened.containsKey(mount)) {
        keepSource(mount);
      } else if (showsTheHost(mount.type()) && !mounted.containsKey(mount)) {
        Register kept = mount.type().equals("proc") ? proc : plan.register(mount.type());
        make(Section.STAGE, mount, kept);
        mounted.put(mount, kept);
      }
    }
  }

  private void keepSource(Mount mount) {
    String name = "mount" + kept.size();
    Register copy = plan.register("bind");
    new BindSource(plan, Section.STAGE, mount, owners).open(copy);
    LaunchPlan.Steps stage = plan.in(Section.STAGE);
    StepBuilder place = stage.to("make a place for " + mount.source());
    if (options(mount).file()) {
      place.call(
          "mknodat",
          Operand.flags(AT_FDCWD),
          plan.text(name),
          new Operand.Immediate(S_IFREG.value() | 0644, "file|0644"),
          Operand.of(0));
    } else {
      place.call("mkdirat", Operand.flags(AT_FDCWD), plan.text(name), Operand.mode(0755));
    }
    stage
        .to("keep " + mount.source())
        .call(
            "move_mount",
            copy,
            plan.text(""),
            Operand.flags(AT_FDCWD),
            plan.text(name),
            Operand.flags(MOVE_MOUNT_F_EMPTY_PATH));
    kept.put(mount, name);
  }

  /** In another user namespace than the one that it shows, the kernel would refuse to mount it. */
  private boolean showsTheHost(String type) {
    return switch (type) {
      case "proc" -> !config.linux().has(NamespaceType.PID);
      case "sysfs" -> !config.linux().has(NamespaceType.NETWORK);
      case "mqueue" -> !config.linux().has(NamespaceType.IPC);
      case "cgroup2" -> !config.linux().has(NamespaceType.CGROUP);
      default -> false;
    };
  }

  /** Whether directories are bound with what is mounted below them, once the root is mounted. */
  static boolean copiesTrees(RuntimeConfig config) {
    return !config.linux().has(NamespaceType.USER)
        && config.mounts().stream()
            .filter(MountSteps::isBind)
            .map(MountSteps::options)
            .anyMatch(options -> options.recursive() && !options.file());
  }

  /**
   * Mounts everything. What is mounted below a shared mount appears on the host too: so those come
   * last, and where a link of the image leads another mount into the place of one, it lands in the
   * image's directory there, which they cover.
   */
  void all(Register root) {
    for (Mount mount : config.mounts()) {
      if (isBind(mount)) {
        if (!options(mount).isShared()) {
          bind(root, mount);
        }
      } else {
        filesystem(root, mount);
      }
      if (mount.destination().equals("/dev") && mount.type().equals("tmpfs")) {
        fillDev(plan.register("tmpfs"));
      }
      if (mount.type().equals("devpts") && config.process().terminal()) {
        terminal(plan.register("mounted"), plan.register("tmpfs"));
      }
    }
    config.mounts().stream()
        .filter(mount -> isBind(mount) && options(mount).isShared())
        .forEach(mount -> bind(root, mount));
  }

  /** Where the container's devices are all there are, the kernel would not open it. */
  private static boolean isDevice(Mount mount) {
    return !isBind(mount) && !mount.type().equals("tmpfs") && options(mount).volume().isPresent();
  }

  private static boolean isBind(Mount mount) {
    return mount.type().equals("bind");
  }

  private static MountOptions options(Mount mount) {
    return MountOptions.parse(mount.type(), mount.options());
  }

  /** What files are masked with is opened before anything can be mounted over it. */
  private void fillDev(Register dev) {
    new DeviceSteps(plan, config, host).populate(dev);
    if (nullDevice.isEmpty() && !config.linux().maskedPaths().isEmpty()) {
      nullDevice = Optional.of(new DeviceCheck(plan).openNull(dev, "null"));
    }
  }

  /** Right after /dev and /dev/pts were mounted, before anything can be mounted over them. */
  private void terminal(Register terminals, Register dev) {
    TerminalSteps terminal = new TerminalSteps(plan, plan.setupSection(), config.process());
    terminal.openIn(terminals);
    terminal.bindConsole(dev);
  }

  private void bind(Register root, Mount mount) {
    Register copy = opened.get(mount);
    if (copy == null) {
      copy = plan.register("bind");
      BindSource source = new BindSource(plan, plan.setupSection(), mount, owners);
      String place = kept.get(mount);
      if (place == null) {
        source.copy(copy);
      } else {
        source.copyFrom(place, copy);
      }
    }
    attach(root, copy, mount.destination(), options(mount).file());
  }

  private void filesystem(Register root, Mount mount) {
    Register register = mounted.get(mount);
    if (register == null) {
      register =
          mount.type().equals("proc")
              ? proc
              : plan.register(mount.type().equals("tmpfs") ? "tmpfs" : "mounted");
      make(plan.setupSection(), mount, register);
    }
    attach(root, register, mount.destination(), false);
  }

  private void make(Section section, Mount mount, Register into) {
    MountOptions options = options(mount);
    Register context = plan.register("context");
    LaunchPlan.Steps steps = plan.in(section);
    String what =
        mount.type()
            + options.volume().map(name -> " of volume " + name).orElse("")
            + " on "
            + mount.destination();
    steps
        .to("begin " + what)
        .into(context)
        .call("fsopen", plan.text(mount.type()), Operand.flags(FSOPEN_CLOEXEC));
    if (options.volume().isPresent()) {
      steps
          .to("set the device " + mount.source() + " of " + what)
          .call(
              "fsconfig",
              context,
              Operand.flags(FSCONFIG_SET_STRING),
              plan.text("source"),
              plan.text(mount.source()),
              Operand.of(0));
    }
    for (String option : options.filesystem()) {
      if (mount.type().equals("devpts") && option.startsWith("gid=") && !isGroup(option)) {
        continue;
      }
      String[] sides = option.split("=", 2);
      steps
          .to("set " + option + " of " + what)
          .call(
              "fsconfig",
              context,
              Operand.flags(sides.length == 2 ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG),
              plan.text(sides[0]),
              sides.length == 2 ? plan.text(sides[1]) : Operand.none(),
              Operand.of(0));
    }
    steps
        .to("create " + what)
        .call(
            "fsconfig",
            context,
            Operand.flags(FSCONFIG_CMD_CREATE),
            Operand.none(),
            Operand.none(),
            Operand.of(0));
    steps
        .to("mount " + what)
        .into(into)
        .call(
            "fsmount",
            context,
            Operand.flags(FSMOUNT_CLOEXEC),
            Operand.flags(options.attributes().toArray(Named[]::new)));
  }

  /**
   * Whether the group of {@code gid=} is one in the container's user namespace. Where group 5, tty,
   * is not, terminals belong to their user's group, as devpts(5) does it without the option.
   */
  private boolean isGroup(String option) {
    long gid = Long.parseLong(option.substring("gid=".length()));
    if (!host.rootful()) {
      return gid == 0;
    }
    return !config.linux().has(NamespaceType.USER)
        || config.linux().gidMappings().stream()
            .anyMatch(m -> gid >= m.containerID() && gid < m.containerID() + m.size());
  }

  private void attach(Register root, Register mounted, String destination, boolean file) {
    Register at = plan.register("at");
    String relative = destination.substring(1);
    StepBuilder place = step("find " + destination + " in the root, or make it").into(at);
    if (destination.equals("/proc")) {
      place.makeDirectory(root, relative, 0755);
    } else {
      // A link of the image can lead a mount into /proc, where it would hide what LSM labels are
      // written to (CVE-2019-16884).
      place.makePlace(root, relative, file, PROC_SUPER_MAGIC);
    }
    if (destination.equals("/proc") || destination.equals("/sys")) {
      step("check that " + destination + " is a directory of the image, not a link")
          .into(at)
          .call("openat2", root, plan.text(relative), aDirectory(), Operand.of(OpenHow.SIZE));
    }
    step("attach the mount on " + destination)
        .call(
            "move_mount",
            mounted,
            plan.text(""),
            at,
            plan.text(""),
            Operand.flags(MOVE_MOUNT_F_EMPTY_PATH, MOVE_MOUNT_T_EMPTY_PATH));
  }

  private Operand aDirectory() {
    return OpenHow.of(
        plan,
        List.of(O_PATH, O_DIRECTORY, O_CLOEXEC),
        List.of(RESOLVE_IN_ROOT, RESOLVE_NO_SYMLINKS));
  }

  private StepBuilder step(String sentence) {
    return plan.setup().to(sentence);
  }
}
