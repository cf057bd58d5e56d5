package dev.pinnace.internal.engine;

import dev.pinnace.Volume;
import dev.pinnace.Volumes;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.internal.volume.HeldVolume;
import dev.pinnace.internal.volume.VolumeRecord;
import dev.pinnace.internal.volume.VolumeStore;
import dev.pinnace.spec.PruneReport;
import dev.pinnace.spec.VolumeFilter;
import dev.pinnace.spec.VolumeSpec;
import dev.pinnace.spec.VolumeState;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** Volumes of an engine. */
final class EngineVolumes implements Volumes {
  private final Services services;

  EngineVolumes(Services services) {
    this.services = services;
  }

  @Override
  public Volume create(VolumeSpec spec) {
    Objects.requireNonNull(spec, "spec");
    return services.calls().of(() -> made(spec));
  }

  private Volume made(VolumeSpec spec) {
    VolumeSpec named = spec.name().isPresent() ? spec : spec.called(Names.id().hex());
    store().drivers().check(named);
    try (HeldVolume volume = store().hold(named, Optional.empty(), true)) {
      services.volumes().tellIfMade(volume);
      VolumeSpec known = volume.record().spec();
      if (!known.labels().equals(named.labels())) {
        throw new ConflictException(
            "there is a volume "
                + volume.name()
                + " already, with the labels "
                + known.labels()
                + ": use another name, or remove it");
      }
      return new EngineVolume(services, volume.name());
    }
  }

  @Override
  public Volume restore(VolumeSpec spec, InputStream tar) {
    Objects.requireNonNull(spec, "spec");
    Objects.requireNonNull(tar, "tar");
    VolumeSpec named = spec.name().isPresent() ? spec : spec.called(Names.id().hex());
    return services
        .calls()
        .of(
            () -> {
              store().drivers().check(named);
              if (!VolumeStore.isDirectory(named)) {
                throw notMade(named);
              }
              new VolumeArchives(services).read(named, tar);
              return new EngineVolume(services, named.name().orElseThrow());
            });
  }

  private static UnsupportedException notMade(VolumeSpec spec) {
    return new UnsupportedException(
        "to make volume " + spec.name().orElseThrow() + " of an archive",
        "its files are not in the engine's root, where all of them appear at once",
        "make the volume, and copy them in by a container that has it");
  }

  private VolumeStore store() {
    return services.parts().volumes();
  }

  @Override
  public Volume get(String name) {
    Objects.requireNonNull(name, "name");
    return find(name)
        .orElseThrow(() -> new NotFoundException("there is no volume \"" + name + "\""));
  }

  @Override
  public Optional<Volume> find(String name) {
    Objects.requireNonNull(name, "name");
    return services
        .calls()
        .of(
            () ->
                VolumeSpec.isName(name) && store().names().contains(name)
                    ? Optional.of(new EngineVolume(services, name))
                    : Optional.empty());
  }

  @Override
  public List<VolumeState> list(VolumeFilter filter) {
    Objects.requireNonNull(filter, "filter");
    return services
        .calls()
        .of(
            () -> {
              List<VolumeRecord> records = store().list();
              Map<String, Set<String>> users = services.volumes().users();
              return records.stream()
                  .map(
                      record ->
                          state(record, List.copyOf(users.getOrDefault(record.name(), Set.of()))))
                  .filter(filter::matches)
                  .toList();
            });
  }

  private VolumeState state(VolumeRecord record, List<String> users) {
    return state(store(), record, users);
  }

  static VolumeState state(VolumeStore store, VolumeRecord record, List<String> users) {
    return new VolumeState(
        record.name(), record.spec(), record.created(), store.place(record.spec()), users);
  }

  @Override
  public PruneReport prune(VolumeFilter filter) {
    Objects.requireNonNull(filter, "filter");
    return services.calls().of(() -> new Pruning(services).volumes(filter));
  }

  @Override
  public String toString() {
    return "volumes of " + services.parts().layout().root();
  }
}
