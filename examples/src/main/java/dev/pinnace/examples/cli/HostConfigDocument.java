package dev.pinnace.examples.cli;

import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.ContainerSpec;
import dev.pinnace.spec.DeviceMapping;
import dev.pinnace.spec.Limits;
import dev.pinnace.spec.LogSpec;
import dev.pinnace.spec.Mount;
import dev.pinnace.spec.NamespaceSpec;
import dev.pinnace.spec.NetworkAttachment;
import dev.pinnace.spec.RestartPolicy;
import dev.pinnace.spec.SecuritySpec;
import dev.pinnace.spec.Ulimit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What a container has of its host and may use of it, as {@code docker inspect} prints it. */
final class HostConfigDocument {
  private static final double NANOS = 1e9;

  private HostConfigDocument() {}

  static Map<String, Object> of(ContainerSpec spec, List<String> links) {
    Map<String, Object> result = new LinkedHashMap<>();
    putFiles(spec, result);
    Map<String, String> annotations = new LinkedHashMap<>(spec.annotations());
    String cidfile = annotations.remove(ContainerOptions.CIDFILE);
    result.put("ContainerIDFile", cidfile == null ? "" : cidfile);
    result.put("Annotations", annotations);
    putLifecycle(spec, result);
    putLimits(spec.limits(), result);
    result.put("OomScoreAdj", spec.process().oomScoreAdj().orElse(0));
    result.put("Ulimits", spec.process().ulimits().stream().map(HostConfigDocument::of).toList());
    result.put("GroupAdd", spec.process().groups());
    result.put("Init", spec.process().init());
    putSecurity(spec.security(), result);
    putNamespaces(spec.namespaces(), result);
    result.put("Links", links);
    return result;
  }

  private static void putFiles(ContainerSpec spec, Map<String, Object> result) {
    List<String> binds = new ArrayList<>();
    Map<String, String> tmpfs = new LinkedHashMap<>();
    List<Map<String, Object>> mounts = new ArrayList<>();
    for (Mount mount : spec.mounts()) {
      if (MountDocument.isMoreThanABind(mount)) {
        mounts.add(MountDocument.wanted(mount));
      } else if (mount.kind() == Mount.Kind.TMPFS) {
        tmpfs.put(mount.target(), MountDocument.mode(mount));
      } else {
        binds.add(MountDocument.bind(mount));
      }
    }
    result.put("Binds", binds);
    result.put("Tmpfs", tmpfs);
    if (!mounts.isEmpty()) {
      result.put("Mounts", mounts);
    }
    result.put(
        "VolumesFrom",
        spec.volumesFrom().stream()
            .map(from -> from.container() + (from.readOnly() ? ":ro" : ""))
            .toList());
    result.put("ReadonlyRootfs", spec.readOnly());
    result.put("ShmSize", spec.shmSize().count());
    result.put(
        "StorageOpt",
        spec.layerLimit()
            .map(limit -> Map.of("size", Long.toString(limit.count())))
            .orElse(Map.of()));
    result.put("Devices", spec.devices().stream().map(HostConfigDocument::device).toList());
    result.put("DeviceCgroupRules", spec.deviceRules());
  }

  private static void putLifecycle(ContainerSpec spec, Map<String, Object> result) {
    RestartPolicy restart = spec.lifecycle().restart();
    LogSpec log = spec.lifecycle().log();
    result.put("AutoRemove", spec.lifecycle().autoRemove());
    result.put(
        "RestartPolicy",
        Map.of(
            "Name",
            restart.kind().name().toLowerCase(Locale.ROOT).replace('_', '-'),
            "MaximumRetryCount",
            restart.maximum()));
    result.put(
        "LogConfig",
        Map.of(
            "Type",
            log.bytesPerFile().equals(Bytes.ZERO) ? "none" : "local",
            "Config",
            Map.of(
                "max-size",
                Long.toString(log.bytesPerFile().count()),
                "max-file",
                Integer.toString(log.files()))));
  }

  private static void putLimits(Limits limits, Map<String, Object> result) {
    result.put("Memory", limits.memory().map(Bytes::count).orElse(0L));
    result.put("MemorySwap", limits.memorySwap().orElse(0));
    result.put("MemoryReservation", limits.memoryReservation().map(Bytes::count).orElse(0L));
    result.put("NanoCpus", Math.round(limits.cpus().orElse(0) * NANOS));
    result.put("CpuPeriod", limits.cpuPeriod().orElse(0));
    result.put("CpuQuota", limits.cpuQuota().orElse(0));
    result.put("CpuShares", LimitOptions.cpuShares(limits.cpuWeight().orElse(0)));
    result.put("CpuWeight", limits.cpuWeight().orElse(0));
    result.put("CpusetCpus", limits.cpusetCpus().orElse(""));
    result.put("CpusetMems", limits.cpusetMems().orElse(""));
    result.put("PidsLimit", limits.pids().orElse(0));
    result.put("BlkioWeight", LimitOptions.blkioWeight(limits.ioWeight().orElse(0)));
    result.put("IoWeight", limits.ioWeight().orElse(0));
    result.put("BlkioWeightDevice", weights(limits));
    result.put("HugePages", hugePages(limits));
    result.put("BlkioDeviceReadBps", IoMax.rates(limits.ioMax(), "rbps"));
    result.put("BlkioDeviceWriteBps", IoMax.rates(limits.ioMax(), "wbps"));
    result.put("BlkioDeviceReadIOps", IoMax.rates(limits.ioMax(), "riops"));
    result.put("BlkioDeviceWriteIOps", IoMax.rates(limits.ioMax(), "wiops"));
  }

  private static List<Map<String, Object>> weights(Limits limits) {
    List<Map<String, Object>> weights = new ArrayList<>();
    limits
        .ioWeights()
        .forEach(
            (device, weight) -> {
              Map<String, Object> entry = new LinkedHashMap<>();
              entry.put("Path", BlockDevice.path(device));
              entry.put("Weight", LimitOptions.blkioWeight(weight));
              weights.add(entry);
            });
    return weights;
  }

  private static Map<String, Long> hugePages(Limits limits) {
    Map<String, Long> pages = new LinkedHashMap<>();
    limits.hugePages().forEach((size, limit) -> pages.put(size, limit.count()));
    return pages;
  }

  private static void putSecurity(SecuritySpec security, Map<String, Object> result) {
    List<String> options = new ArrayList<>();
    if (security.noNewPrivileges()) {
      options.add("no-new-privileges");
    }
    security.seccomp().ifPresent(profile -> options.add("seccomp=" + profile));
    if (security.seccompUnconfined()) {
      options.add("seccomp=unconfined");
    }
    security.apparmor().ifPresent(profile -> options.add("apparmor=" + profile));
    if (!security.maskPaths()) {
      options.add("systempaths=unconfined");
    }
    result.put("Privileged", security.privileged());
    result.put("CapAdd", security.capAdd());
    result.put("CapDrop", security.capDrop());
    result.put("SecurityOpt", options);
    result.put("MaskedPaths", security.maskedPaths());
    result.put("ReadonlyPaths", security.readOnlyPaths());
  }

  private static void putNamespaces(NamespaceSpec namespaces, Map<String, Object> result) {
    result.put(
        "NetworkMode",
        mode(
            namespaces.networkOf(),
            namespaces.networks().stream()
                .map(NetworkAttachment::network)
                .findFirst()
                .orElseGet(() -> namespaces.network().name().toLowerCase(Locale.ROOT))));
    result.put("PortBindings", ShownPorts.wanted(namespaces));
    result.put("PublishAllPorts", namespaces.publishAll());
    result.put("PidMode", mode(namespaces.pidOf(), namespaces.hostPid() ? "host" : ""));
    String ownIpc = namespaces.noShm() ? "none" : "private";
    result.put("IpcMode", mode(namespaces.ipcOf(), namespaces.hostIpc() ? "host" : ownIpc));
    result.put("UTSMode", mode(namespaces.utsOf(), namespaces.hostUts() ? "host" : ""));
    result.put("CgroupnsMode", namespaces.hostCgroup() ? "host" : "private");
    result.put("CgroupParent", namespaces.cgroupParent().orElse(""));
    result.put(
        "UsernsMode",
        namespaces
            .userMap()
            .map(map -> map.hostUid() + ":" + map.hostGid() + ":" + map.size())
            .orElse(""));
    result.put("TimeOffsets", namespaces.timeOffsets());
    result.put(
        "ExtraHosts",
        namespaces.extraHosts().entrySet().stream()
            .flatMap(host -> host.getValue().stream().map(at -> host.getKey() + ":" + at))
            .toList());
    result.put("Dns", namespaces.dns());
    result.put("DnsSearch", namespaces.dnsSearch());
    result.put("DnsOptions", namespaces.dnsOptions());
    result.put("Sysctls", namespaces.sysctls());
  }

  private static String mode(Optional<String> other, String otherwise) {
    return other.map(id -> "container:" + id).orElse(otherwise);
  }

  private static Map<String, Object> device(String text) {
    DeviceMapping mapping = DeviceMapping.parse(text);
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("PathOnHost", mapping.host());
    result.put("PathInContainer", mapping.container());
    result.put("CgroupPermissions", mapping.access());
    return result;
  }

  private static Map<String, Object> of(Ulimit limit) {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("Name", limit.name());
    result.put("Soft", limit.soft());
    result.put("Hard", limit.hard());
    return result;
  }
}
