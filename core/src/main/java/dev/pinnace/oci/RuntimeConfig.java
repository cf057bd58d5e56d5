package dev.pinnace.oci;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * {@code config.json} of the runtime-spec 1.2, the part that Linux containers use. Immutable;
 * absent lists are empty.
 *
 * @param process what runs
 * @param root the root file system
 * @param hostname of the UTS namespace; empty leaves the host's
 * @param domainname of the UTS namespace; empty leaves the host's
 * @param mounts in the order in which they are made
 * @param annotations free text
 * @param linux what only Linux has
 */
public record RuntimeConfig(
    RuntimeProcess process,
    Root root,
    String hostname,
    String domainname,
    List<Mount> mounts,
    Map<String, String> annotations,
    Linux linux) {
  /**
   * The type of a mount that is the {@code /dev/shm} of the container whose IPC namespace is
   * joined. Unknown to runtime-spec.
   */
  public static final String SHARED_MEMORY = "x-pinnace.shm";

  public RuntimeConfig {
    mounts = List.copyOf(mounts);
    annotations = Map.copyOf(annotations);
  }

  /** The same with other mounts. */
  public RuntimeConfig withMounts(List<Mount> newMounts) {
    return new RuntimeConfig(process, root, hostname, domainname, newMounts, annotations, linux);
  }

  /**
   * The same with what its files need alone: no working directory, resource limit, sysctl, cgroup
   * or namespace of another container, which may be what keeps its program from being started.
   */
  public RuntimeConfig filesOnly() {
    return new RuntimeConfig(
        process.unlimitedAt("/"),
        root,
        hostname,
        domainname,
        mounts.stream().filter(mount -> !mount.type().equals(SHARED_MEMORY)).toList(),
        annotations,
        new Linux(
            linux.namespaces.stream().map(n -> new Namespace(n.type, Optional.empty())).toList(),
            linux.uidMappings,
            linux.gidMappings,
            linux.timeOffsets,
            linux.devices,
            new Resources(Map.of(), linux.resources.cgroupDevices()),
            Map.of(),
            linux.maskedPaths,
            linux.readonlyPaths,
            linux.mountLabel,
            Optional.empty()));
  }

  /** The same with a root that can be written to. */
  public RuntimeConfig writable() {
    return new RuntimeConfig(
        process, new Root(root.path(), false), hostname, domainname, mounts, annotations, linux);
  }

  /** The same with another size of its terminal. */
  public RuntimeConfig withConsoleSize(Optional<RuntimeProcess.ConsoleSize> size) {
    return new RuntimeConfig(
        process.withConsoleSize(size), root, hostname, domainname, mounts, annotations, linux);
  }

  /** The same with another program. */
  public RuntimeConfig withProcess(RuntimeProcess other) {
    return new RuntimeConfig(other, root, hostname, domainname, mounts, annotations, linux);
  }

  /** The same with other limits. */
  public RuntimeConfig withResources(Resources resources) {
    return new RuntimeConfig(
        process,
        root,
        hostname,
        domainname,
        mounts,
        annotations,
        new Linux(
            linux.namespaces,
            linux.uidMappings,
            linux.gidMappings,
            linux.timeOffsets,
            linux.devices,
            resources,
            linux.sysctl,
            linux.maskedPaths,
            linux.readonlyPaths,
            linux.mountLabel,
            linux.cgroupsPath));
  }

  /**
   * The root file system.
   *
   * @param path on the host, or empty where a storage driver mounts it
   * @param readonly whether it is mounted read-only
   */
  public record Root(String path, boolean readonly) {}

  /**
   * One mount.
   *
   * @param destination absolute, in the container
   * @param type file system type, or {@code bind}
   * @param source device or host path
   * @param options of mount(8): those of the file system and those of the mount
   */
  public record Mount(String destination, String type, String source, List<String> options) {
    public Mount {
      options = List.copyOf(options);
    }
  }

  /**
   * What only Linux has.
   *
   * @param namespaces that differ from the host's
   * @param uidMappings of the user namespace
   * @param gidMappings of the user namespace
   * @param timeOffsets seconds by clock, {@code monotonic} and {@code boottime}
   * @param devices made in /dev besides the default ones
   * @param resources limits
   * @param sysctl by dotted name
   * @param maskedPaths hidden
   * @param readonlyPaths made read-only
   * @param mountLabel SELinux label of mounts; empty for none
   * @param cgroupsPath its cgroup: from the root of the hierarchy, or below the engine's; empty for
   *     the usual one
   */
  public record Linux(
      List<Namespace> namespaces,
      List<IdMapping> uidMappings,
      List<IdMapping> gidMappings,
      Map<String, Long> timeOffsets,
      List<Device> devices,
      Resources resources,
      Map<String, String> sysctl,
      List<String> maskedPaths,
      List<String> readonlyPaths,
      String mountLabel,
      Optional<String> cgroupsPath) {
    public Linux {
      namespaces = List.copyOf(namespaces);
      uidMappings = List.copyOf(uidMappings);
      gidMappings = List.copyOf(gidMappings);
      timeOffsets = Map.copyOf(timeOffsets);
      devices = List.copyOf(devices);
      sysctl = Map.copyOf(sysctl);
      maskedPaths = List.copyOf(maskedPaths);
      readonlyPaths = List.copyOf(readonlyPaths);
    }

    /** Whether the container has a namespace of that type that is not the host's. */
    public boolean has(NamespaceType type) {
      return namespaces.stream().anyMatch(n -> n.type() == type);
    }

    /** Whether that is one that exists, which the container joins. */
    public boolean joins(NamespaceType type) {
      return path(type).isPresent();
    }

    /** The path of a namespace that the container joins. */
    public Optional<String> path(NamespaceType type) {
      return namespaces.stream().filter(n -> n.type() == type).findFirst().flatMap(Namespace::path);
    }

    /** Whether it joins any. */
    public boolean joins() {
      return namespaces.stream().anyMatch(n -> n.path().isPresent());
    }
  }

  /** Types of namespaces, as runtime-spec spells them in lower case. */
  public enum NamespaceType {
    PID,
    NETWORK,
    MOUNT,
    IPC,
    UTS,
    USER,
    CGROUP,
    TIME
  }

  /**
   * A namespace.
   *
   * @param type which
   * @param path of one that exists, which here is {@code container:ID}: that of another container,
   *     which must run when this one starts; empty makes a new one
   */
  public record Namespace(NamespaceType type, Optional<String> path) {}

  /**
   * A range of a user namespace's map.
   *
   * @param containerID first id inside
   * @param hostID first id outside
   * @param size how many
   */
  public record IdMapping(long containerID, long hostID, long size) {}

  /**
   * A device node.
   *
   * @param path absolute, in the container
   * @param type {@code c}, {@code b} or {@code p}
   * @param major number
   * @param minor number
   * @param fileMode permission bits
   * @param uid owner
   * @param gid group
   * @param source absolute, of the host's node, which a user namespace gets by a bind mount; empty
   *     if it has the same path. Unknown to runtime-spec
   */
  public record Device(
      String path,
      String type,
      long major,
      long minor,
      int fileMode,
      long uid,
      long gid,
      Optional<String> source) {}

  /**
   * Limits that the kernel enforces through the container's cgroup, in the words of cgroup v2;
   * empty means no limit.
   *
   * @param unified files of the cgroup and what is written to them, in this order: {@code
   *     memory.max -> 268435456}
   * @param cgroupDevices what is permitted, everything else being forbidden: {@code c 1:3 rwm};
   *     empty restricts nothing
   */
  public record Resources(Map<String, String> unified, List<String> cgroupDevices) {
    /** No limit at all. */
    public static final Resources NONE = new Resources(Map.of(), List.of());

    public Resources {
      unified = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(unified));
      cgroupDevices = List.copyOf(cgroupDevices);
    }
  }
}
