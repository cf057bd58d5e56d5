package dev.pinnace.internal.engine;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.internal.state.ContainerRecord;
import dev.pinnace.internal.volume.LocalVolume;
import dev.pinnace.internal.volume.VolumeRecord;
import dev.pinnace.internal.volume.VolumeStore;
import dev.pinnace.oci.ImageConfig;
import dev.pinnace.spec.ContainerSpec;
import dev.pinnace.spec.Mount;
import dev.pinnace.spec.VolumeSpec;
import dev.pinnace.spec.VolumesFrom;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * What is mounted in a container, by its place: the mounts of other containers, its own, which hide
 * those, and volumes where the image wants some and nothing is yet. Nothing is made here.
 */
final class MountResolution {
  private final VolumeStore volumes;
  private final Function<String, Optional<ContainerRecord>> containers;

  /**
   * Prepares it.
   *
   * @param containers finds one by its name, its id or the beginning of that
   */
  MountResolution(VolumeStore volumes, Function<String, Optional<ContainerRecord>> containers) {
    this.volumes = volumes;
    this.containers = containers;
  }

  /** Those of a container that is to be made; each volume has a name. */
  List<Mount> of(ContainerSpec spec, ImageConfig image) {
    Map<String, Mount> places = new LinkedHashMap<>();
    Map<String, VolumeSpec> described = described(spec);
    for (VolumesFrom from : spec.volumesFrom()) {
      inherited(from).forEach(mount -> places.put(mount.target(), mount));
    }
    for (Mount mount : spec.mounts()) {
      places.put(
          mount.target(), mount.kind() == Mount.Kind.VOLUME ? named(mount, described) : mount);
    }
    for (String path : image.config().volumes()) {
      Mount mount = named(ofImage(spec.image(), path));
      places.putIfAbsent(mount.target(), mount);
    }
    return new ArrayList<>(places.values());
  }

  /** The volumes of which a container says more than the name, by that: the first time it does. */
  private static Map<String, VolumeSpec> described(ContainerSpec spec) {
    Map<String, VolumeSpec> described = new LinkedHashMap<>();
    spec.mounts().stream()
        .flatMap(mount -> mount.volume().stream())
        .filter(volume -> volume.name().isPresent() && !saysNothing(volume))
        .forEach(volume -> described.putIfAbsent(volume.name().orElseThrow(), volume));
    return described;
  }

  private List<Mount> inherited(VolumesFrom from) {
    ContainerRecord record =
        containers
            .apply(from.container())
            .orElseThrow(
                () ->
                    new NotFoundException(
                        "there is no container \""
                            + from.container()
                            + "\" whose volumes could be mounted"));
    return record.allMounts().stream()
        .filter(mount -> mount.kind() != Mount.Kind.TMPFS)
        .map(mount -> mount.shared(from.readOnly()))
        .map(mount -> mount.kind() == Mount.Kind.VOLUME ? named(mount) : mount)
        .toList();
  }

  private static Mount ofImage(String image, String path) {
    try {
      return Mount.anonymousVolume().at(path.startsWith("/") ? path : "/" + path);
    } catch (InvalidSpecException refusal) {
      throw new InvalidSpecException(
          "the image "
              + image
              + " wants a volume that cannot be: "
              + refusal.getMessage()
              + "; use another image",
          refusal);
    }
  }

  private Mount named(Mount mount) {
    return named(mount, Map.of());
  }

  private Mount named(Mount mount, Map<String, VolumeSpec> described) {
    VolumeSpec volume = mount.volume().orElseThrow();
    volumes.drivers().check(volume);
    String name = volume.name().orElseGet(() -> Names.id().hex());
    // One that is there already is what it is: nothing need be said of it again. Where something is
    // said, whoever holds it refuses what differs. A new one is what another mount says of it.
    VolumeSpec spec =
        volume.name().isEmpty()
            ? volume
            : volumes
                .find(name)
                .map(VolumeRecord::spec)
                .or(() -> Optional.ofNullable(described.get(name)))
                .filter(known -> isToBeTaken(volume, known))
                .orElse(volume);
    Path place = VolumeStore.isDirectory(spec) ? volumes.data(name) : place(spec, name);
    return mount.found(spec.called(name), place);
  }

  private static boolean isToBeTaken(VolumeSpec asked, VolumeSpec known) {
    return saysNothing(asked)
        || (asked.options().isEmpty() && asked.driver().equals(known.driver()));
  }

  /** Whether any volume of its name will do. */
  static boolean saysNothing(VolumeSpec asked) {
    return asked.options().isEmpty() && asked.driver().equals(VolumeSpec.LOCAL);
  }

  /** A bind's; others are mounted where they are used, and have none that would be looked at. */
  private Path place(VolumeSpec spec, String name) {
    boolean bind = spec.driver().equals(VolumeSpec.LOCAL) && LocalVolume.of(spec).isBind();
    return bind ? Path.of(LocalVolume.of(spec).device()) : volumes.data(name);
  }
}
