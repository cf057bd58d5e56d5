package dev.pinnace.internal.engine;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.CorruptException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.event.Event.Action;
import dev.pinnace.internal.durable.Durable;
import dev.pinnace.internal.durable.FaultPoints;
import dev.pinnace.internal.layer.DirectoryCopy;
import dev.pinnace.internal.layer.DirectoryCopy.Source;
import dev.pinnace.internal.layer.LayerView;
import dev.pinnace.internal.state.ContainerRecord;
import dev.pinnace.internal.volume.HeldVolume;
import dev.pinnace.internal.volume.LocalVolume;
import dev.pinnace.internal.volume.VolumeFilling;
import dev.pinnace.internal.volume.VolumeStore;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.Mount;
import dev.pinnace.spec.VolumeSpec;
import dev.pinnace.spi.storage.ContainerLayer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The volumes of containers: made and filled with them, and removed with them, the anonymous ones.
 * Those are listed in a file of the container's directory before they are made, and for as long as
 * they are to go with it: with a leftover they go too. Thread-safe.
 */
final class ContainerVolumes {
  private static final Logger LOG = LoggerFactory.getLogger(ContainerVolumes.class);
  private static final String LIST = "volumes";

  private final Parts parts;
  private final Events events;
  private final VolumePlaces places;

  ContainerVolumes(Parts parts, Events events, VolumePlaces places) {
    this.parts = parts;
    this.events = events;
    this.places = places;
  }

  /** Where volumes have their files. */
  VolumePlaces places() {
    return places;
  }

  private VolumeStore store() {
    return parts.volumes();
  }

  /** Volumes that nobody removes until the record of a container names them. */
  record Held(List<HeldVolume> volumes) implements AutoCloseable {
    static final Held NONE = new Held(List.of());

    @Override
    public void close() {
      volumes.forEach(HeldVolume::close);
    }
  }

  /**
   * Makes the volumes of a container that are not there yet, and fills those that are empty; needs
   * the container's lock.
   *
   * @param record as it is going to be written
   * @param layer its file system
   */
  Held make(ContainerRecord record, ContainerLayer layer) {
    Set<String> inherited = inherited(record);
    List<HeldVolume> held = new ArrayList<>();
    try {
      writeList(record);
      for (Mount mount : record.mounts()) {
        if (mount.kind() == Mount.Kind.VOLUME) {
          held.add(hold(record, mount, inherited));
        }
      }
      fill(record, layer, held);
      return new Held(held);
    } catch (RuntimeException | Error e) {
      held.forEach(HeldVolume::close);
      throw e;
    }
  }

  /** Those of other containers must be there: a new one would have none of their files. */
  private static Set<String> inherited(ContainerRecord record) {
    Set<String> own = new TreeSet<>();
    record.spec().mounts().stream().map(Mount::target).forEach(own::add);
    Set<String> inherited = new TreeSet<>();
    if (!record.spec().volumesFrom().isEmpty()) {
      record.mounts().stream()
          .filter(mount -> mount.noCopy() && !own.contains(mount.target()))
          .flatMap(mount -> mount.volume().flatMap(VolumeSpec::name).stream())
          .forEach(inherited::add);
    }
    return inherited;
  }

  private HeldVolume hold(ContainerRecord record, Mount mount, Set<String> inherited) {
    VolumeSpec volume = mount.volume().orElseThrow();
    String name = volume.name().orElseThrow();
    if (inherited.contains(name)) {
      try {
        return store().holdSame(volume);
      } catch (NotFoundException | ConflictException gone) {
        throw new ConflictException(
            "volume " + name + " was removed with the container that it is taken from: try again",
            gone);
      }
    }
    Optional<VolumeStore.Owner> owner =
        record
            .spec()
            .namespaces()
            .userMap()
            .map(map -> new VolumeStore.Owner((int) map.hostUid(), (int) map.hostGid()));
    HeldVolume held;
    try {
      held = store().hold(volume, owner, isKept(record));
    } catch (ConflictException another) {
      throw isDescribed(record, mount.target())
          ? another
          : new ConflictException(
              "volume " + name + " was made anew by others while a container was: try again",
              another);
    }
    tellIfMade(held);
    return held;
  }

  /** Whether the volume was asked for by more than its name, or the image, or a container. */
  private static boolean isDescribed(ContainerRecord record, String target) {
    return record.spec().mounts().stream()
        .filter(mount -> mount.target().equals(target))
        .flatMap(mount -> mount.volume().stream())
        .anyMatch(volume -> !MountResolution.saysNothing(volume));
  }

  /** That a volume was made, if it was, by whoever holds it. */
  void tellIfMade(HeldVolume held) {
    if (held.made()) {
      events.tellVolume(Action.VOLUME_CREATE, held.name(), held.record().spec().labels());
    }
  }

  private static boolean isKept(ContainerRecord record) {
    return !record.spec().lifecycle().autoRemove();
  }

  private void fill(ContainerRecord record, ContainerLayer layer, List<HeldVolume> held) {
    if (held.isEmpty()) {
      return;
    }
    Map<String, HeldVolume> byName = new TreeMap<>();
    held.forEach(volume -> byName.put(volume.name(), volume));
    try (LayerView view =
        LayerView.open(
            layer.changes(), ContainerIds.written(parts, record), ContainerIds.stored(parts))) {
      for (Mount mount : record.mounts()) {
        if (mount.kind() == Mount.Kind.VOLUME && mount.subPath().isEmpty()) {
          fill(record, mount, byName, view);
        }
      }
    }
  }

  private void fill(
      ContainerRecord record, Mount mount, Map<String, HeldVolume> byName, LayerView view) {
    HeldVolume volume = byName.get(mount.volume().flatMap(VolumeSpec::name).orElseThrow());
    if (volume == null) {
      throw new IllegalStateException("a volume that is not held: " + mount);
    }
    Source found = DirectoryCopy.look(view, mount.target());
    if (found == Source.NO_DIRECTORY) {
      throw new ConflictException(
          "volume "
              + volume.name()
              + " cannot be mounted on "
              + mount.target()
              + ", which is no directory in the image "
              + record.spec().image()
              + ": choose another place, or bind a file");
    }
    if (mount.noCopy() || !isDirectory(found) || !isFilled(volume.record().spec())) {
      return;
    }
    VolumeFilling.Source source =
        (content, beginning, parent, like) ->
            isDirectory(
                DirectoryCopy.copy(
                    view,
                    mount.target(),
                    ContainerIds.written(parts, record),
                    parts.ids(),
                    content,
                    beginning,
                    parent,
                    like));
    boolean sync = !volume.record().spec().anonymous() || isKept(record);
    if (VolumeStore.isDirectory(volume.record().spec())) {
      store().fill(volume, source, sync);
    } else if (isUnused(volume.name())) {
      places.use(
          volume,
          data -> {
            store().fill(volume, data, source, sync, () -> isUnused(volume.name()));
            return volume;
          });
    }
  }

  /** Whether no container is known to have it, nor may: it could change what is being copied. */
  private boolean isUnused(String volume) {
    try {
      refuseUsed(volume);
      return true;
    } catch (ConflictException used) {
      LOG.debug("volume {} is not filled", volume, used);
      return false;
    }
  }

  /** What is mounted in the container only is not there yet; what is read-only stays as it is. */
  private static boolean isFilled(VolumeSpec spec) {
    return VolumePlaces.isOnHost(spec)
        && !(spec.driver().equals(VolumeSpec.LOCAL) && LocalVolume.of(spec).words().contains("ro"));
  }

  private static boolean isDirectory(Source source) {
    return source == Source.FILES || source == Source.EMPTY;
  }

  /** Before a start: all volumes are there, and none is half filled. */
  void ready(ContainerRecord record) {
    for (String name : record.volumes()) {
      try {
        store().settle(name);
      } catch (NotFoundException gone) {
        throw new NotFoundException(
            "volume "
                + name
                + " of container "
                + record.name()
                + " is gone, and with it what was in it: make the container anew",
            gone);
      }
    }
  }

  private Path list(ContainerId id) {
    return parts.layout().container(id).resolve(LIST);
  }

  private void writeList(ContainerRecord record) {
    Set<String> names = record.anonymousVolumes();
    if (names.isEmpty()) {
      return;
    }
    String text = String.join("\n", names) + "\n";
    try {
      Durable.write(list(record.id()), text.getBytes(StandardCharsets.US_ASCII), isKept(record));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list the volumes of container " + record.name(), e);
    }
  }

  /**
   * Decides which volumes go with a container that is about to be removed; needs its lock.
   *
   * @param all its anonymous volumes, or none
   */
  void decide(ContainerRecord record, boolean all) {
    if (all) {
      writeList(record);
    } else {
      keep(record.id());
    }
    FaultPoints.reached("volumes decided");
  }

  /** None goes with the container; needs its lock. */
  void keep(ContainerId id) {
    try {
      Files.deleteIfExists(list(id));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot keep the volumes of container " + id.shortHex(), e);
    }
  }

  /**
   * Removes those that go with a container without a record, if no other container has them. Who is
   * interrupted meanwhile goes on, for nobody would know of the rest, and has the flag at the end.
   */
  void removeListed(ContainerId id) {
    boolean interrupted = false;
    for (String name : listed(id)) {
      while (!removeListed(id, name)) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether that was not cut short by an interruption, whose flag is cleared then. */
  private boolean removeListed(ContainerId id, String name) {
    try {
      remove(name, false);
    } catch (CancelledException cut) {
      if (Thread.interrupted()) {
        LOG.debug("the removal of volume {} was interrupted, and begins anew", name, cut);
        return false;
      }
      LOG.warn("volume {} is left: {}", name, cut.getMessage());
      LOG.debug("the cause", cut);
    } catch (NotFoundException gone) {
      LOG.debug("volume {} is gone already", name);
    } catch (ConflictException used) {
      if (used.getCause() != null) { // nobody can say whether it is used
        LOG.warn("a volume of container {} stays: {}", id.shortHex(), used.getMessage());
      }
      LOG.debug("volume {} stays", name, used);
    } catch (PinnaceException failure) {
      LOG.warn("volume {} is left: {}", name, failure.getMessage());
      LOG.debug("the cause", failure);
    }
    return true;
  }

  /**
   * Removes a volume that no container uses.
   *
   * @param force whether one that is damaged, or whose driver fails, is removed too
   * @throws NotFoundException if there is none
   * @throws ConflictException if a container uses it, or may
   */
  void remove(String name, boolean force) {
    store().remove(name, force, this::refuseUsed);
    events.tellVolume(Action.VOLUME_DESTROY, name, Map.of());
  }

  private List<String> listed(ContainerId id) {
    try {
      return Files.readAllLines(list(id), StandardCharsets.US_ASCII).stream()
          .filter(VolumeSpec::isName)
          .toList();
    } catch (NoSuchFileException none) {
      return List.of();
    } catch (IOException e) {
      LOG.warn("volumes of container {} are left: {}", id.shortHex(), e.getMessage());
      return List.of();
    }
  }

  /** The names of the containers that use a volume. */
  List<String> users(String volume) {
    return List.copyOf(users().getOrDefault(volume, new TreeSet<>()));
  }

  /** The names of the containers that use volumes, by those; not of damaged ones. */
  Map<String, Set<String>> users() {
    Map<String, Set<String>> users = new TreeMap<>();
    for (ContainerId id : parts.store().ids()) {
      readable(id).ifPresent(record -> add(users, record.volumes(), record.name()));
    }
    return users;
  }

  /** What is recorded of a container; empty where that cannot be read. */
  Optional<ContainerRecord> readable(ContainerId id) {
    try {
      return parts.store().read(id);
    } catch (CorruptException | UncheckedIOException damaged) {
      LOG.debug("nobody knows which volumes container {} has", id.shortHex(), damaged);
      return Optional.empty();
    }
  }

  private static void add(Map<String, Set<String>> users, Collection<String> volumes, String name) {
    volumes.forEach(volume -> users.computeIfAbsent(volume, first -> new TreeSet<>()).add(name));
  }

  /**
   * Fails if a container uses a volume. One whose record cannot be read may use any.
   *
   * @throws ConflictException if one does, or may
   */
  void refuseUsed(String volume) {
    List<String> names = users(volume);
    if (!names.isEmpty()) {
      throw new ConflictException(
          "volume "
              + volume
              + " is used by "
              + (names.size() == 1 ? "container " : "the containers ")
              + String.join(", ", names)
              + ": remove "
              + (names.size() == 1 ? "it" : "them")
              + " first");
    }
    for (ContainerId id : parts.store().ids()) {
      try {
        Optional<ContainerRecord> unused = parts.store().read(id);
      } catch (CorruptException | UncheckedIOException damaged) {
        throw new ConflictException(
            "volume "
                + volume
                + " may be used by container "
                + id.shortHex()
                + ", whose record cannot be read: remove that by force first",
            damaged);
      }
    }
  }
}
