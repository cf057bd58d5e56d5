package dev.pinnace.internal.engine;

import dev.pinnace.error.ConflictException;
import dev.pinnace.event.Event.Action;
import dev.pinnace.internal.content.AnyCompression;
import dev.pinnace.internal.layer.LayerApplier;
import dev.pinnace.internal.layer.LayerLimits;
import dev.pinnace.internal.layer.LayerOptions;
import dev.pinnace.internal.layer.LiveTree;
import dev.pinnace.internal.layer.TarWriter;
import dev.pinnace.internal.state.ContainerRecord;
import dev.pinnace.internal.volume.HeldVolume;
import dev.pinnace.linux.Opened;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.VolumeSpec;
import dev.pinnace.spi.isolation.RunningContainer;
import java.io.BufferedOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Volumes as archives, and made of them. Thread-safe. */
final class VolumeArchives {
  private static final Logger LOG = LoggerFactory.getLogger(VolumeArchives.class);
  private static final int BUFFER = 1 << 18;

  /** Sparse files are no larger in the volume than in the archive. */
  private static final LayerLimits LIMITS =
      LayerLimits.defaults().withBytes(16L << 40).withEntries(Integer.MAX_VALUE);

  private final Services services;

  VolumeArchives(Services services) {
    this.services = services;
  }

  private Parts parts() {
    return services.parts();
  }

  /**
   * Writes the files of a volume, which is not removed meanwhile.
   *
   * @param pause whether the containers that run with it stand still
   */
  void write(String name, OutputStream out, boolean pause) {
    parts().volumes().settle(name);
    try (HeldVolume held = parts().volumes().hold(name)) {
      Set<String> unused =
          services.volumes().places().use(held, data -> write(name, data, out, pause));
    }
  }

  private Set<String> write(String name, Dir data, OutputStream out, boolean pause) {
    try (Opened pauses = new Opened()) {
      Set<String> running = running(name, pause ? pauses : null);
      try (TarWriter tar = new TarWriter(new BufferedOutputStream(out, BUFFER))) {
        LiveTree.write(data, "", ".", true, ContainerIds.stored(parts()), true, tar);
        Set<String> late = running(name, null);
        late.removeAll(running);
        if (pause && !late.isEmpty()) {
          throw new ConflictException(
              "container "
                  + late.iterator().next()
                  + " was started while the files of volume "
                  + name
                  + " were read: try again");
        }
      }
      return running;
    } catch (IOException failure) {
      throw new UncheckedIOException("cannot write the files of volume " + name, failure);
    }
  }

  /** The names of the containers that run with a volume; they are paused until that is closed. */
  private Set<String> running(String name, @Nullable Opened pauses) {
    Set<String> running = new TreeSet<>();
    for (ContainerId id : parts().store().ids()) {
      Optional<ContainerRecord> record =
          services.volumes().readable(id).filter(known -> known.volumes().contains(name));
      if (record.isEmpty()) {
        continue;
      }
      Optional<RunningContainer> container =
          services
              .live()
              .find(id, services.lookup().place(record.get()))
              .filter(one -> !one.exit().isDone());
      if (container.isPresent()) {
        running.add(record.get().name());
        if (pauses != null) {
          BriefPause unused =
              pauses.add(
                  BriefPause.of(
                      parts().store(),
                      record.get(),
                      container.get(),
                      "a copy of volume " + name,
                      "copy it without a pause, or stop the container first"));
        }
      }
    }
    return running;
  }

  /**
   * Makes a volume of an archive; nothing of it is there before all of it is.
   *
   * @throws ConflictException if there is one of that name
   */
  void read(VolumeSpec spec, InputStream tar) {
    String name = spec.name().orElseThrow();
    boolean made =
        parts()
            .volumes()
            .make(
                spec,
                data -> {
                  try (InputStream plain =
                      AnyCompression.decompress(unclosed(tar), "the archive for volume " + name)) {
                    LayerApplier.apply(plain, data, options())
                        .warnings()
                        .forEach(lost -> LOG.warn("volume {}: {}", name, lost));
                  } catch (IOException failure) {
                    throw new UncheckedIOException(
                        "cannot read the archive for volume " + name, failure);
                  }
                });
    if (!made) {
      throw new ConflictException(
          "there is a volume " + name + " already: use another name, or remove it");
    }
    services.events().tellVolume(Action.VOLUME_CREATE, name, spec.labels());
  }

  private LayerOptions options() {
    return LayerOptions.defaults()
        .withWhiteouts(LayerOptions.Whiteouts.NONE)
        .withOwnership(parts().ids() ? LayerOptions.Ownership.KEEP : LayerOptions.Ownership.SQUASH)
        .withLimits(LIMITS);
  }

  /** It is the caller's to close. */
  private static InputStream unclosed(InputStream in) {
    return new FilterInputStream(in) {
      @Override
      public int read(byte[] into, int from, int length) throws IOException {
        return in.read(into, from, length);
      }

      @Override
      public void close() {}
    };
  }
}
