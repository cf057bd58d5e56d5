package dev.pinnace.internal.engine;

import dev.pinnace.error.ConflictException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.event.Event.Action;
import dev.pinnace.internal.container.VolumeWords;
import dev.pinnace.internal.state.ContainerRecord;
import dev.pinnace.internal.volume.LocalVolume;
import dev.pinnace.linux.Opened;
import dev.pinnace.linux.file.LockFile;
import dev.pinnace.oci.RuntimeConfig;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.Mount;
import dev.pinnace.spec.VolumeSpec;
import dev.pinnace.spi.isolation.RunRequest;
import dev.pinnace.spi.isolation.RunningContainer;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Volumes that are mounted for a start, and until the end. Thread-safe. */
final class VolumeMounts {
  private static final Logger LOG = LoggerFactory.getLogger(VolumeMounts.class);

  private final Parts parts;
  private final ContainerLookup lookup;
  private final Events events;
  private final DriverMounts drivers;

  VolumeMounts(Parts parts, ContainerLookup lookup, Events events, DriverMounts drivers) {
    this.parts = parts;
    this.lookup = lookup;
    this.events = events;
    this.drivers = drivers;
  }

  /** The same request, with the volumes of drivers where those have mounted them. */
  RunRequest mounted(ContainerRecord record, ContainerId user, RunRequest request) {
    List<VolumeSpec> volumes = ofDrivers(record);
    if (volumes.isEmpty() && !VolumeWords.hasAddresses(request.config().mounts())) {
      return request;
    }
    unmount(user);
    Map<String, Path> places = drivers.mount(user, volumes);
    List<RuntimeConfig.Mount> mounts =
        request.config().mounts().stream().map(mount -> VolumeWords.found(mount, places)).toList();
    return request.mounting(mounts);
  }

  private static List<VolumeSpec> ofDrivers(ContainerRecord record) {
    Map<String, VolumeSpec> byName = new TreeMap<>();
    record.mounts().stream()
        .flatMap(mount -> mount.volume().stream())
        .filter(volume -> !volume.driver().equals(VolumeSpec.LOCAL))
        .forEach(volume -> byName.put(volume.name().orElseThrow(), volume));
    return List.copyOf(byName.values());
  }

  /** What volumes in memory wait for: that no other container runs with them, or starts. */
  Opened reserveMemory(ContainerRecord record) {
    TreeSet<String> names = new TreeSet<>();
    for (Mount mount : record.mounts()) {
      mount
          .volume()
          .filter(volume -> volume.driver().equals(VolumeSpec.LOCAL))
          .map(LocalVolume::of)
          .filter(LocalVolume::isMemory)
          .ifPresent(volume -> names.add(volume.name()));
    }
    Opened locks = new Opened();
    try {
      for (String name : names) {
        LockFile unused = locks.add(parts.volumes().beginUse(name));
        refuseRunning(record, name);
      }
      return locks;
    } catch (RuntimeException | Error e) {
      locks.close();
      throw e;
    }
  }

  private void refuseRunning(ContainerRecord record, String volume) {
    for (ContainerId id : parts.store().ids()) {
      Optional<ContainerRecord> other =
          id.equals(record.id())
              ? Optional.empty()
              : readable(id).filter(known -> known.volumes().contains(volume));
      if (other.isPresent() && lookup.runs(other.get())) {
        throw new ConflictException(
            "cannot start \""
                + record.name()
                + "\": container \""
                + other.get().name()
                + "\" runs with volume "
                + volume
                + ", which is in memory and one container's at a time: stop that one first, or have"
                + " a volume on the disk");
      }
    }
  }

  private Optional<ContainerRecord> readable(ContainerId id) {
    try {
      return parts.store().read(id);
    } catch (PinnaceException | UncheckedIOException damaged) {
      LOG.debug("nobody knows which volumes container {} has", id.shortHex(), damaged);
      return Optional.empty();
    }
  }

  /**
   * Once it runs: tells that its volumes are mounted, and sees to it that they are not any more.
   */
  void started(ContainerRecord record, RunningContainer container) {
    if (record.volumes().isEmpty()) {
      return;
    }
    tell(record, Action.VOLUME_MOUNT);
    var unused = container.gone().thenRunAsync(() -> ended(record), parts.work());
  }

  private void ended(ContainerRecord record) {
    tell(record, Action.VOLUME_UNMOUNT);
    if (ofDrivers(record).isEmpty()) {
      return;
    }
    try (LockFile lock = parts.store().lock(record.id())) {
      if (!lookup.runs(record)) {
        unmount(record.id());
      }
    } catch (RuntimeException e) {
      LOG.debug("the volumes of container {} are unmounted by others", record.name(), e);
    }
  }

  private void tell(ContainerRecord record, Action action) {
    for (Mount mount : record.mounts()) {
      mount.volume().ifPresent(volume -> events.tellVolumeUse(action, volume, record, mount));
    }
  }

  /** Has unmounted what drivers have mounted for a container that does not run; needs its lock. */
  void unmount(ContainerId user) {
    drivers.unmount(user);
  }

  /** The same for one that is about to be removed; what cannot be unmounted is remembered. */
  void release(ContainerId user) {
    drivers.release(user);
  }
}
