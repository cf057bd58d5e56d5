package dev.pinnace.internal.engine;

import dev.pinnace.internal.container.EtcFiles;
import dev.pinnace.internal.container.ProjectSeal;
import dev.pinnace.internal.isolation.linux.seccomp.DefaultSeccompProfile;
import dev.pinnace.internal.state.ContainerRecord;
import dev.pinnace.internal.volume.LocalVolume;
import dev.pinnace.internal.volume.VolumeStore;
import dev.pinnace.oci.RuntimeConfig;
import dev.pinnace.spec.ContainerSpec;
import dev.pinnace.spec.SecuritySpec;
import dev.pinnace.spi.isolation.ContainerPlace;
import dev.pinnace.spi.isolation.RunRequest;
import dev.pinnace.spi.storage.RootMount;
import java.util.Map;
import java.util.Optional;

/** What the isolation backend is asked, made of what is recorded. */
final class Requests {
  private Requests() {}

  static RunRequest of(Parts parts, ContainerRecord record, RootMount mount) {
    ContainerSpec spec = record.spec();
    RuntimeConfig config = record.config();
    ContainerPlace place = parts.store().place(record.id(), !spec.lifecycle().autoRemove());
    return new RunRequest(
        record.name(),
        place,
        config.withMounts(EtcFiles.at(parts.layout().container(record.id()), config.mounts())),
        mount,
        seccomp(record),
        spec.process().init(),
        spec.lifecycle().lifetime(),
        spec.lifecycle(),
        record.stopSignal(),
        !spec.lifecycle().autoRemove(),
        Optional.empty(),
        Optional.empty(),
        false,
        Optional.empty(),
        spec.process().stdinOpen() && !spec.process().terminal(),
        spec.process().stdinOnce(),
        Optional.empty(),
        Map.of(),
        Optional.empty());
  }

  /** The text of the profile; empty for none. */
  private static Optional<String> seccomp(ContainerRecord record) {
    ContainerSpec spec = record.spec();
    SecuritySpec security = spec.security();
    if (security.privileged() || security.seccompUnconfined()) {
      return Optional.empty();
    }
    String profile = security.seccomp().orElseGet(DefaultSeccompProfile::json);
    boolean sealed = spec.layerLimit().isPresent() || hasSizedVolume(record);
    return Optional.of(sealed ? ProjectSeal.on(profile) : profile);
  }

  private static boolean hasSizedVolume(ContainerRecord record) {
    return record.mounts().stream()
        .flatMap(mount -> mount.volume().stream())
        .anyMatch(
            volume -> VolumeStore.isDirectory(volume) && LocalVolume.of(volume).size().isPresent());
  }
}
