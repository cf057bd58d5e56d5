package dev.pinnace.internal.engine;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.internal.image.ListedImage;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.ContainerFilter;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.ContainerState;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.ImageFilter;
import dev.pinnace.spec.ImageRemoval;
import dev.pinnace.spec.PruneReport;
import dev.pinnace.spec.VolumeFilter;
import dev.pinnace.spec.VolumeState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Removes what nobody needs; what comes to be needed meanwhile stays. */
final class Pruning {
  private static final Logger LOG = LoggerFactory.getLogger(Pruning.class);

  private final Services services;

  Pruning(Services services) {
    this.services = services;
  }

  PruneReport containers(ContainerFilter filter) {
    DiskUsages usages = new DiskUsages(services.parts());
    List<ContainerId> removed = new ArrayList<>();
    long freed = 0;
    for (ContainerState state : new EngineContainers(services).list(filter)) {
      if (state.status().isAlive()) {
        continue;
      }
      long size = usages.size(state);
      try {
        if (services.removals().prune(state.id())) {
          removed.add(state.id());
          freed += size;
        }
      } catch (ConflictException | NotFoundException overtaken) {
        LOG.debug("container {} is not pruned", state.name(), overtaken);
      }
    }
    return new PruneReport(removed, List.of(), List.of(), Bytes.of(freed));
  }

  /** Volumes that no container uses. */
  PruneReport volumes(VolumeFilter filter) {
    services.removals().finishEnded();
    List<String> removed = new ArrayList<>();
    long freed = 0;
    for (VolumeState volume : new EngineVolumes(services).list(filter)) {
      if (volume.isUsed()) {
        continue;
      }
      try {
        long size = services.parts().volumes().usage(volume.name()).bytes();
        services.volumes().remove(volume.name(), false);
        removed.add(volume.name());
        freed += size;
      } catch (ConflictException | NotFoundException overtaken) {
        LOG.debug("volume {} is not pruned", volume.name(), overtaken);
      } catch (CancelledException interrupted) {
        throw interrupted;
      } catch (PinnaceException failure) {
        LOG.warn("volume {} is not pruned: {}", volume.name(), failure.getMessage());
      }
    }
    return new PruneReport(List.of(), List.of(), removed, Bytes.of(freed));
  }

  PruneReport images(ImageFilter filter) {
    services.removals().finishEnded();
    ImageRemovals removals = new ImageRemovals(services.parts(), services.events());
    Set<Digest> used =
        new EngineContainers(services)
            .list(ContainerFilter.all()).stream()
                .map(ContainerState::imageId)
                .collect(Collectors.toSet());
    List<ImageRemoval> removed = new ArrayList<>();
    for (ListedImage image : services.parts().images().entries()) {
      if (used.contains(image.id())
          || !filter.matches(EngineImages.summary(services.parts().images(), image))) {
        continue;
      }
      try {
        removed.add(removals.remove(image));
      } catch (ConflictException | NotFoundException overtaken) {
        LOG.debug("image {} is not pruned", image.id(), overtaken);
      }
    }
    long freed = services.parts().images().collect();
    freed += services.parts().images().removePartials(Duration.ZERO).bytes();
    return new PruneReport(List.of(), removed, List.of(), Bytes.of(freed));
  }
}
