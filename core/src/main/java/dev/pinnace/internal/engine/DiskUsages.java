package dev.pinnace.internal.engine;

import dev.pinnace.error.CorruptException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.internal.container.EtcFiles;
import dev.pinnace.internal.image.ImageSizes;
import dev.pinnace.internal.image.ListedImage;
import dev.pinnace.internal.state.ContainerRecord;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.ContainerState;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.DiskUsage;
import dev.pinnace.spec.VolumeState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Measures what an engine's root takes. */
final class DiskUsages {
  private static final Logger LOG = LoggerFactory.getLogger(DiskUsages.class);

  private final Parts parts;

  DiskUsages(Parts parts) {
    this.parts = parts;
  }

  /**
   * @param containers all of them
   * @param volumes all of them
   */
  DiskUsage measure(List<ContainerState> containers, List<VolumeState> volumes) {
    return images(
        containers,
        containers.stream()
            .map(state -> new DiskUsage.ContainerUsage(state, Bytes.of(size(state))))
            .toList(),
        volumes.stream()
            .map(
                state ->
                    new DiskUsage.VolumeUsage(
                        state, Bytes.of(parts.volumes().usage(state.name()).bytes())))
            .toList());
  }

  private DiskUsage images(
      List<ContainerState> containers,
      List<DiskUsage.ContainerUsage> containerUsages,
      List<DiskUsage.VolumeUsage> volumeUsages) {
    Map<Digest, Integer> users = new HashMap<>();
    containers.forEach(container -> users.merge(container.imageId(), 1, Integer::sum));
    ImageSizes sizes = parts.images().sizes();
    Map<ListedImage, Set<Digest>> needs = new HashMap<>();
    Map<Digest, Set<Digest>> idsOfPart = new HashMap<>();
    List<ListedImage> images = parts.images().entries();
    for (ListedImage image : images) {
      Set<Digest> needed = sizes.parts(image);
      needs.put(image, needed);
      needed.forEach(
          part -> idsOfPart.computeIfAbsent(part, first -> new HashSet<>()).add(image.id()));
    }
    Set<Digest> active = new HashSet<>();
    List<DiskUsage.ImageUsage> usages = new ArrayList<>();
    for (ListedImage image : images) {
      Set<Digest> needed = needs.getOrDefault(image, Set.of());
      Set<Digest> shared = new HashSet<>(needed);
      shared.removeIf(part -> idsOfPart.getOrDefault(part, Set.of()).size() < 2);
      int containersOf = users.getOrDefault(image.id(), 0);
      if (containersOf > 0) {
        active.addAll(needed);
      }
      usages.add(
          new DiskUsage.ImageUsage(
              EngineImages.summary(parts.images(), image),
              Bytes.of(sizes.layers(needed)),
              Bytes.of(sizes.layers(shared)),
              containersOf));
    }
    Set<Digest> held = held(containers);
    active.addAll(held);
    Set<Digest> all = new HashSet<>(idsOfPart.keySet());
    all.addAll(held);
    long layers = sizes.layers(all);
    long blobs = sizes.blobs(all) + sizes.unfinished();
    return new DiskUsage(
        usages,
        containerUsages,
        volumeUsages,
        Bytes.of(layers),
        Bytes.of(layers - sizes.layers(active)),
        new DiskUsage.BlobUsage(
            sizes.count(all),
            sizes.count(active),
            Bytes.of(blobs),
            Bytes.of(blobs - sizes.blobs(active))));
  }

  /**
   * The layers that containers stand on, whether their images are here or were removed by force.
   */
  private Set<Digest> held(List<ContainerState> containers) {
    Set<Digest> held = new HashSet<>();
    for (ContainerState container : containers) {
      try {
        Optional<Digest> layer =
            parts.store().read(container.id()).flatMap(ContainerRecord::topLayer);
        while (layer.isPresent() && held.add(layer.get())) {
          layer = parts.storage().parent(layer.get());
        }
      } catch (NotFoundException | CorruptException lost) {
        LOG.debug("not all layers of container {} are measured", container.name(), lost);
      }
    }
    return held;
  }

  /** What a container takes, in bytes; nothing where it is being removed, or damaged. */
  long size(ContainerState state) {
    boolean kept = !state.spec().lifecycle().autoRemove();
    return layer(state.id(), state.name())
        + logs(parts.store().place(state.id(), kept).logs())
        + EtcFiles.size(parts.layout().container(state.id()));
  }

  /** What a container has written, in bytes; nothing where it is being removed, or damaged. */
  long layer(ContainerId id, String name) {
    try {
      return parts.storage().open(parts.store().layer(id)).usage().bytes();
    } catch (NotFoundException | CorruptException lost) {
      LOG.debug("the files of container {} are not measured", name, lost);
      return 0;
    } catch (PinnaceException failure) {
      if (parts.store().isRecorded(id)) {
        throw failure;
      }
      LOG.debug("container {} was removed while it was measured", name, failure);
      return 0;
    }
  }

  private static long logs(Path directory) {
    long bytes = 0;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        bytes += Files.size(file);
      }
      return bytes;
    } catch (NoSuchFileException | NotDirectoryException gone) {
      return bytes;
    } catch (IOException failure) {
      throw new UncheckedIOException("cannot measure the logs in " + directory, failure);
    }
  }
}
