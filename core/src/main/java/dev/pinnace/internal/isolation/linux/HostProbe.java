package dev.pinnace.internal.isolation.linux;

import dev.pinnace.internal.isolation.linux.cgroup.CgroupTree;
import dev.pinnace.internal.isolation.linux.plan.HostFacts;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.Kernel;
import dev.pinnace.linux.process.Capability;
import dev.pinnace.linux.process.DeviceFilter;
import dev.pinnace.linux.process.Launcher;
import dev.pinnace.spec.HostFeature;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Finds out what this process may do and what the kernel knows. */
final class HostProbe {
  private static final Path CPUS = Path.of("/sys/devices/system/cpu");
  private static final Path SYSCTLS = Path.of("/proc/sys");
  private static final Path STATUS = Path.of("/proc/self/status");

  private final List<String> status;

  HostProbe() {
    this.status = lines(STATUS);
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (NoSuchFileException e) {
      throw new UncheckedIOException("cannot read " + file + "; /proc must be mounted", e);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot find out about this process and the kernel", e);
    }
  }

  private String field(String name) {
    return status.stream()
        .filter(line -> line.startsWith(name + ":"))
        .map(line -> line.substring(name.length() + 1).strip())
        .findFirst()
        .orElse("0");
  }

  /** What can be read; whether overlay takes layers one by one must be tried. */
  HostFacts facts(CgroupTree cgroups) {
    long effective = Long.parseUnsignedLong(field("CapEff"), 16);
    Set<String> names =
        Capability.ofMask(effective).stream().map(Capability::capName).collect(Collectors.toSet());
    int[] version = version();
    return new HostFacts(
        Integer.parseInt(field("Uid").split("\\s+", -1)[1]),
        Integer.parseInt(field("Gid").split("\\s+", -1)[1]),
        names,
        Integer.parseInt(lines(Path.of("/proc/sys/kernel/cap_last_cap")).get(0).strip()),
        version[0],
        version[1],
        false,
        cgroups.base().isPresent(),
        cgroups.base().isPresent() && DeviceFilter.refusal().isEmpty(),
        thermalThrottle(CPUS),
        Optional.empty());
  }

  private static int[] version() {
    String[] parts = Kernel.release().split("[^0-9]+", 3);
    return new int[] {Integer.parseInt(parts[0]), Integer.parseInt(parts[1])};
  }

  static List<String> thermalThrottle(Path directory) {
    try (Stream<Path> cpus = Files.list(directory)) {
      return cpus.map(cpu -> cpu.resolve("thermal_throttle"))
          .filter(Files::isDirectory)
          .map(Path::toString)
          .sorted()
          .toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  /** Everything that containers need or can have, tried rather than guessed. */
  List<HostFeature> features(HostFacts facts, CgroupTree cgroups, Launcher launcher) {
    List<HostFeature> features = new ArrayList<>();
    features.add(
        HostFeature.works("kernel", Kernel.release() + " " + Kernel.architecture().machine()));
    features.add(
        facts.rootful()
            ? HostFeature.works("privileges", "root")
            : HostFeature.works(
                "privileges",
                "user " + facts.uid() + ", everything in a user namespace with one id"));
    features.add(
        HostTrials.namespaces(launcher, facts)
            .map(refusal -> missing("namespaces", refusal, facts))
            .orElseGet(() -> HostFeature.works("namespaces", "")));
    features.add(
        HostTrials.userNamespace(launcher, facts)
            .map(refusal -> missing("user namespaces", refusal, facts))
            .orElseGet(
                () ->
                    HostFeature.works(
                        "user namespaces", facts.rootful() ? "" : "with one id, this user's")));
    features.add(
        HostFeature.works(
            "launcher",
            launcher
                .refusal()
                .map(refusal -> "in a read-only tmpfs of its own, for " + refusal.getMessage())
                .orElse("in a sealed memfd")));
    features.add(
        cgroups
            .obstacle()
            .map(lack -> HostFeature.missing("cgroup v2", lack.reason(), lack.fix()))
            .orElseGet(
                () ->
                    HostFeature.works("cgroup v2", cgroups.base().map(Path::toString).orElse(""))));
    if (facts.rootful()) {
      features.add(MountOwners.feature(launcher));
      features.add(deviceRules(facts));
    }
    features.add(facts.rootful() ? hostPid(cgroups) : noHostNamespaces());
    cgroups.serviceOver().map(HostProbe::detached).ifPresent(features::add);
    for (String controller : List.of("memory", "cpu", "pids", "io", "cpuset", "hugetlb")) {
      features.add(controller(cgroups, controller));
    }
    features.add(
        AppArmor.obstacle()
            .map(
                lack ->
                    HostFeature.missing(
                        "AppArmor profiles", lack, "boot with apparmor=1 where they are wanted"))
            .orElseGet(() -> HostFeature.works("AppArmor profiles", "")));
    features.add(
        noInherited(
            "no-new-privileges not inherited",
            field("NoNewPrivs"),
            "setuid programs will gain nothing in any container"));
    features.add(
        noInherited(
            "no seccomp filter inherited",
            field("Seccomp"),
            "this process is filtered already, and so will be every container"));
    missingCapabilities(facts).ifPresent(features::add);
    return List.copyOf(features);
  }

  private static HostFeature deviceRules(HostFacts facts) {
    if (facts.deviceRules()) {
      return HostFeature.works("device rules", "");
    }
    return HostFeature.missing(
        "device rules",
        DeviceFilter.refusal().map(refusal -> refusal.getMessage()).orElse("there is no cgroup v2")
            + "; containers go without CAP_MKNOD, and device nodes of images do not work",
        "mount cgroup2, and give the JVM CAP_SYS_ADMIN or CAP_BPF and CAP_NET_ADMIN");
  }

  private static HostFeature detached(String service) {
    return HostFeature.missing(
        "containers that outlive " + service,
        "they have no cgroup outside of it: systemd kills detached ones with the service",
        "KillMode=process in the service, or run as root with cgroup v2, or start the JVM by"
            + " systemd-run --scope");
  }

  /**
   * What such containers are without: their supervisor is not init of a namespace that ends with
   * it.
   */
  private static HostFeature hostPid(CgroupTree cgroups) {
    String remark =
        "where a supervisor is killed, what its container had forked runs on"
            + (cgroups.base().isPresent() ? " until the next open() kills it by its cgroup" : "");
    return HostFeature.works("the host's pid namespace", remark);
  }

  private static HostFeature noHostNamespaces() {
    return HostFeature.missing(
        "the host's network, pid and cgroup namespaces",
        "an ordinary user cannot mount /sys, /proc and /sys/fs/cgroup for them",
        "leave a container its own, or run the JVM as root");
  }

  private static HostFeature controller(CgroupTree cgroups, String controller) {
    String name = controller + " limits";
    return cgroups
        .lack(controller)
        .map(lack -> HostFeature.missing(name, lack.reason(), lack.fix()))
        .orElseGet(() -> HostFeature.works(name, ""));
  }

  private static HostFeature noInherited(String name, String value, String consequence) {
    return value.equals("0")
        ? HostFeature.works(name, "")
        : HostFeature.missing(
            name, consequence, "start the JVM outside of the sandbox that set it");
  }

  private static HostFeature missing(String name, Trial.Refusal refusal, HostFacts facts) {
    return HostFeature.missing(name, refusal.message(), fix(refusal, facts));
  }

  static String fix(Trial.Refusal refusal, HostFacts facts) {
    return fix(refusal, facts.rootful(), SYSCTLS);
  }

  /**
   * What forbids it is told by the kernel's switches; otherwise a filter or a module of security.
   *
   * @param sysctls where the switches are
   */
  static String fix(Trial.Refusal refusal, boolean rootful, Path sysctls) {
    if (refusal.errno() == Errno.ENOSPC || is(sysctls.resolve("user/max_user_namespaces"), "0")) {
      return "sysctl user.max_user_namespaces=10000";
    }
    if (is(sysctls.resolve("kernel/unprivileged_userns_clone"), "0")) {
      return "sysctl kernel.unprivileged_userns_clone=1";
    }
    if (is(sysctls.resolve("kernel/apparmor_restrict_unprivileged_userns"), "1")) {
      return "sysctl kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor profile for"
          + " this JVM with \"userns,\"";
    }
    if (refusal.step().endsWith(" proc")) {
      return "run the JVM with an unmasked /proc: the kernel mounts no fresh one where parts are"
          + " hidden";
    }
    return rootful
        ? "start the JVM outside of the sandbox that forbids it (seccomp, SELinux, missing"
            + " capabilities)"
        : "run the JVM as root, or outside of the sandbox that forbids it (seccomp, SELinux)";
  }

  private static boolean is(Path file, String value) {
    return Files.isReadable(file) && lines(file).get(0).strip().equals(value);
  }

  private static Optional<HostFeature> missingCapabilities(HostFacts facts) {
    if (!facts.rootful()) {
      return Optional.empty();
    }
    String missing =
        Capability.ALL.stream()
            .filter(
                c ->
                    c.number() <= facts.lastCapability()
                        && !facts.capabilities().contains(c.capName()))
            .map(Capability::capName)
            .collect(Collectors.joining(", "));
    return Optional.of(
        missing.isEmpty()
            ? HostFeature.works("capabilities", "all")
            : HostFeature.missing(
                "capabilities",
                "this process lacks " + missing + ": no container can have it",
                "start the JVM with it"));
  }
}
