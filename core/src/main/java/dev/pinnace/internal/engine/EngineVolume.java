package dev.pinnace.internal.engine;

import dev.pinnace.Volume;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.internal.storage.Trees;
import dev.pinnace.internal.volume.HeldVolume;
import dev.pinnace.internal.volume.VolumeRecord;
import dev.pinnace.internal.volume.VolumeStore;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.VolumeState;
import java.io.OutputStream;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A handle of a volume. */
final class EngineVolume implements Volume {
  private static final Logger LOG = LoggerFactory.getLogger(EngineVolume.class);

  private final Services services;
  private final String name;

  EngineVolume(Services services, String name) {
    this.services = services;
    this.name = name;
  }

  @Override
  public String name() {
    return name;
  }

  private VolumeStore store() {
    return services.parts().volumes();
  }

  private VolumeRecord record() {
    return store()
        .find(name)
        .orElseThrow(() -> new NotFoundException("there is no volume " + name + " any more"));
  }

  @Override
  public VolumeState inspect() {
    return services
        .calls()
        .of(() -> EngineVolumes.state(store(), record(), services.volumes().users(name)));
  }

  @Override
  public Bytes size() {
    return services
        .calls()
        .of(
            () -> {
              if (VolumeStore.isDirectory(record().spec())) {
                return Bytes.of(store().usage(name).bytes());
              }
              try (HeldVolume held = store().hold(name)) {
                return Bytes.of(
                    services.volumes().places().use(held, data -> Trees.usage(data).bytes()));
              }
            });
  }

  @Override
  public void backup(OutputStream tar) {
    backup(tar, true);
  }

  @Override
  public void backup(OutputStream tar, boolean pause) {
    Objects.requireNonNull(tar, "tar");
    services.calls().of(() -> new VolumeArchives(services).write(name, tar, pause));
  }

  @Override
  public void remove() {
    remove(false);
  }

  @Override
  public void remove(boolean force) {
    services.calls().of(() -> removed(force));
  }

  private void removed(boolean force) {
    services.removals().finishEnded();
    try {
      services.volumes().remove(name, force);
    } catch (NotFoundException gone) {
      if (!force) {
        throw gone;
      }
      LOG.debug("volume {} is gone already", name);
    }
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof EngineVolume volume
        && volume.name.equals(name)
        && volume.services.parts().layout().root().equals(services.parts().layout().root());
  }

  @Override
  public int hashCode() {
    return Objects.hash(name, services.parts().layout().root());
  }

  @Override
  public String toString() {
    return "volume " + name;
  }
}
