package dev.pinnace.internal.engine;

import dev.pinnace.error.CorruptException;
import dev.pinnace.event.Event.Action;
import dev.pinnace.internal.state.ContainerRecord;
import dev.pinnace.linux.file.LockFile;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spi.isolation.ContainerPlace;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What an engine does when it opens with containers whose makers or owners were killed. */
final class Recovery {
  private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

  private final Parts parts;
  private final LiveContainers live;
  private final Events events;
  private final ContainerVolumes volumes;
  private final VolumeMounts mounts;
  private final NetworkConnections connections;

  Recovery(
      Parts parts,
      LiveContainers live,
      Events events,
      ContainerVolumes volumes,
      VolumeMounts mounts,
      NetworkConnections connections) {
    this.parts = parts;
    this.live = live;
    this.events = events;
    this.volumes = volumes;
    this.mounts = mounts;
    this.connections = connections;
  }

  /**
   * Removes leftovers, and what should have been removed at its end.
   *
   * @return those that are to be {@linkplain Revivals started again}, in the order in which they
   *     can be
   */
  List<ContainerId> all() {
    Map<ContainerId, Set<String>> due = new LinkedHashMap<>();
    Map<ContainerId, Set<String>> claims = parts.networks().claims();
    for (ContainerId id : parts.store().ids()) {
      try {
        one(id, claims.getOrDefault(id, Set.of()))
            .ifPresent(record -> due.put(id, ContainerLinks.needed(record.spec().namespaces())));
      } catch (CorruptException e) {
        // Whoever lists or uses it is told.
        LOG.info("container {} is left as it is: {}", id.shortHex(), e.getMessage());
      } catch (RuntimeException e) {
        LOG.warn("container {} cannot be recovered: {}", id.shortHex(), e.getMessage());
        LOG.debug("the cause", e);
      }
    }
    try {
      parts.store().names().sweep();
    } catch (RuntimeException e) {
      LOG.warn("names of containers that are gone are left: {}", e.getMessage());
      LOG.debug("the cause", e);
    }
    return SharingOrder.of(due);
  }

  /**
   * The record of one that is to be started again.
   *
   * @param networks in which it has an address
   */
  private Optional<ContainerRecord> one(ContainerId id, Set<String> networks) {
    Optional<LockFile> lock = parts.store().tryLock(id);
    if (lock.isEmpty()) {
      return Optional.empty();
    }
    try (LockFile held = lock.get()) {
      parts.store().sweep(id);
      Optional<ContainerRecord> record = parts.store().read(id);
      ContainerPlace place =
          parts.store().place(id, record.map(r -> !r.spec().lifecycle().autoRemove()).orElse(true));
      record.ifPresent(known -> connections.recover(known, networks));
      if (parts.isolation().isAlive(place)) {
        if (record.isPresent()) {
          BriefPause.endLeft(parts.store(), live, id, place);
          return Optional.empty();
        }
        // Whoever was making it is gone, for the lock is free: nobody will let its program begin.
        live.find(id, place).ifPresent(c -> Endings.end(c, id.shortHex()));
        Endings.awaitRelease(parts.isolation(), place);
      }
      boolean ended = record.map(ContainerRecord::started).orElse(true);
      if (ended) {
        parts.isolation().cleanUp(place);
        mounts.unmount(id);
      }
      boolean fleeting = ended && record.map(r -> r.spec().lifecycle().autoRemove()).orElse(false);
      if (record.isEmpty() || (fleeting && !parts.store().isRead(id))) {
        remove(id, record);
        return Optional.empty();
      }
      return record.filter(
          r -> Revivals.isDue(r, place, () -> parts.isolation().exitRecord(place)));
    }
  }

  private void remove(ContainerId id, Optional<ContainerRecord> record) {
    mounts.release(id);
    Runnable removal =
        () ->
            parts
                .store()
                .remove(
                    id,
                    record.map(ContainerRecord::name),
                    () -> {
                      parts.storage().delete(parts.store().layer(id));
                      volumes.removeListed(id);
                      parts.networks().release(id);
                    });
    if (record.isPresent()) {
      parts.images().release(record.map(ContainerRecord::imageId), removal);
      events.tell(record.get(), Action.DESTROY);
    } else {
      removal.run();
    }
  }
}
