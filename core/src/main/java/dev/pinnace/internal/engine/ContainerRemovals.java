package dev.pinnace.internal.engine;

import dev.pinnace.error.ConflictException;
import dev.pinnace.error.CorruptException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.TimedOutException;
import dev.pinnace.event.Event.Action;
import dev.pinnace.internal.durable.FaultPoints;
import dev.pinnace.internal.state.ContainerRecord;
import dev.pinnace.internal.waiting.Waits;
import dev.pinnace.linux.file.LockFile;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.Lifetime;
import dev.pinnace.spec.Signal;
import dev.pinnace.spi.isolation.ContainerPlace;
import dev.pinnace.spi.isolation.RunningContainer;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes containers: on request, at their end, or because they never began. Each under its lock.
 * Thread-safe.
 */
final class ContainerRemovals {
  private static final Logger LOG = LoggerFactory.getLogger(ContainerRemovals.class);
  private static final Duration CLEAN_UP = Duration.ofSeconds(20);
  private static final Duration SILENCE = Duration.ofSeconds(5);
  private static final Duration LAST_PATIENCE = Duration.ofSeconds(2);

  private final Parts parts;
  private final LiveContainers live;
  private final Events events;
  private final ContainerLookup lookup;
  private final Creation creation;
  private final ContainerVolumes volumes;
  private final VolumeMounts mounts;
  private final EndRemovals queue;

  /** Scoped containers that nobody has closed yet, with the locks that keep them from others. */
  private final Map<ContainerId, LockFile> scopes = new ConcurrentHashMap<>();

  private final Set<ContainerId> going = ConcurrentHashMap.newKeySet();

  ContainerRemovals(
      Parts parts,
      LiveContainers live,
      Events events,
      ContainerLookup lookup,
      Creation creation,
      ContainerVolumes volumes,
      VolumeMounts mounts) {
    this.parts = parts;
    this.live = live;
    this.events = events;
    this.lookup = lookup;
    this.creation = creation;
    this.volumes = volumes;
    this.mounts = mounts;
    this.queue = new EndRemovals(parts.work());
  }

  /** Keeps a container until its scope ends: nothing but a request removes it. */
  void beginScope(ContainerId id) {
    scopes.put(id, parts.store().beginReading(id));
  }

  /** Has it removed at its end, if that is what it is made for. */
  void atEnd(ContainerRecord record, RunningContainer container) {
    if (record.spec().lifecycle().autoRemove() && !scopes.containsKey(record.id())) {
      boolean bound = record.spec().lifecycle().lifetime() == Lifetime.BOUND;
      queue.add(record.id(), Optional.of(container), bound, () -> removeQuietly(record.id()));
    }
  }

  /** Has it removed as soon as it has ended; nobody waits for that, and nobody sees it any more. */
  void later(ContainerId id) {
    going.add(id);
    Runnable removal =
        () -> {
          removeQuietly(id);
          going.remove(id);
        };
    queue.add(id, live.connected(id), true, removal);
  }

  /** Whether all that is left to do with it is its removal, and this engine is about it. */
  boolean isGoing(ContainerId id) {
    return going.contains(id);
  }

  private void removeQuietly(ContainerId id) {
    removeQuietly(id, false, () -> parts.store().lock(id));
  }

  private void removeQuietly(ContainerId id, boolean withVolumes, Supplier<LockFile> locking) {
    try {
      removeEnded(id, withVolumes, locking);
    } catch (NotFoundException gone) {
      LOG.debug("container {} was removed by somebody else", id.shortHex());
    } catch (RuntimeException e) {
      LOG.warn(
          "container {} cannot be removed at its end; the next engine on this root will: {}",
          id.shortHex(),
          e.getMessage());
      LOG.debug("the cause", e);
    }
  }

  private void removeEnded(ContainerId id, boolean withVolumes, Supplier<LockFile> locking) {
    FaultPoints.reached("ended container to be removed");
    try (LockFile lock = locking.get()) {
      if (!removeStopped(id, withVolumes)) {
        LOG.debug("container {} was started again before it could be removed", id.shortHex());
      }
    }
  }

  /**
   * Removes one that does not run, unless somebody who lives still reads it: a run that has ended
   * may not have its output yet.
   *
   * @return whether it is removed
   */
  boolean prune(ContainerId id) {
    try (LockFile lock = parts.store().lock(id)) {
      return !parts.store().isRead(id) && removeStopped(id, false);
    }
  }

  /** Needs the lock. */
  private boolean removeStopped(ContainerId id, boolean withVolumes) {
    ContainerRecord record = lookup.record(id);
    if (lookup.runs(record)) {
      return false;
    }
    Endings.awaitRelease(parts.isolation(), lookup.place(record));
    delete(record, withVolumes || record.spec().lifecycle().autoRemove());
    return true;
  }

  /** What is removed at its end is removed too when it never begins. */
  void unstarted(ContainerRecord record, Throwable reason) {
    if (!record.spec().lifecycle().autoRemove()) {
      return;
    }
    Runnable removal =
        () -> {
          Endings.awaitRelease(parts.isolation(), lookup.place(record));
          delete(record, true);
        };
    removeOrDisown(record, reason, removal);
  }

  /** Removes what was made of a container whose making or first start has failed. */
  void discard(Creation.Made made, Throwable reason) {
    endScope(made.record().id());
    Runnable removal =
        () -> {
          parts.isolation().cleanUp(lookup.place(made.record()));
          creation.takeBack(made);
        };
    removeOrDisown(made.record(), reason, removal);
    Closing.undo(reason, made::close);
  }

  /**
   * Where the removal fails, above all because the engine is closed, the record goes nevertheless:
   * without it the rest is a leftover. Needs the lock.
   */
  private void removeOrDisown(ContainerRecord record, Throwable reason, Runnable removal) {
    try {
      Waits.undisturbed(removal);
    } catch (RuntimeException | Error e) {
      LOG.warn(
          "what was made of container {} cannot be removed; the next engine on this root will: {}",
          record.name(),
          e.getMessage());
      if (e != reason) {
        reason.addSuppressed(e);
      }
      Closing.undo(reason, () -> parts.store().disown(record.id()));
    }
  }

  /**
   * Removes a container.
   *
   * @param withVolumes the anonymous volumes too that no other container has; so it is always with
   *     one that is removed at its end
   */
  void remove(ContainerId id, boolean force, boolean withVolumes) {
    try (LockFile lock = parts.store().lock(id)) {
      Optional<ContainerRecord> readable = readable(id, force);
      if (readable.isEmpty()) {
        removeUnreadable(id, withVolumes);
        return;
      }
      ContainerRecord record = readable.get();
      if (!force && lookup.runs(record)) {
        throw new ConflictException(
            "container " + record.name() + " runs: stop it first, or force the removal");
      }
      if (force && runsOrIsKilled(lookup.place(record), () -> lookup.runs(record))) {
        live.find(id, lookup.place(record)).ifPresent(c -> kill(record, c));
      }
      Endings.awaitRelease(parts.isolation(), lookup.place(record));
      delete(record, withVolumes || record.spec().lifecycle().autoRemove());
      endScope(id);
    } catch (NotFoundException gone) {
      endScope(id);
      throw gone;
    }
  }

  private void kill(ContainerRecord record, RunningContainer container) {
    events.tellSignal(record, Signal.KILL);
    Endings.end(container, record.name());
  }

  /**
   * Whether it can be asked to end. One whose supervisor is silent for {@link #SILENCE} is ended by
   * force: whatever it may be busy with, its container is to end and to be forgotten.
   */
  private boolean runsOrIsKilled(ContainerPlace place, BooleanSupplier runs) {
    RollCall<ContainerPlace, Boolean> asking =
        new RollCall<>(parts.work(), asked -> runs.getAsBoolean(), this::killed);
    return asking.answers(List.of(place), SILENCE).get(0);
  }

  /** Returns that it does not run any more. */
  private boolean killed(ContainerPlace place) {
    if (parts.isolation().killSupervisor(place)) {
      LOG.warn(
          "the supervisor of container {} was killed: it did not answer within {} s",
          place.id(),
          SILENCE.toSeconds());
    } else if (parts.isolation().isAlive(place)) {
      throw new TimedOutException(
          "the supervisor of container "
              + place.id()
              + " has not answered within "
              + SILENCE.toSeconds()
              + " s, and no process that could be killed is seen to be it: find out who holds "
              + place.lock());
    }
    return false;
  }

  private Optional<ContainerRecord> readable(ContainerId id, boolean force) {
    try {
      return Optional.of(lookup.record(id));
    } catch (CorruptException | UncheckedIOException e) {
      String reason = Damage.reason(e);
      if (!force) {
        throw new CorruptException("container " + id.shortHex() + " is not removed: " + reason, e);
      }
      return Optional.empty();
    }
  }

  /** Removes a container of which its directories alone tell; needs the lock. */
  private void removeUnreadable(ContainerId id, boolean withVolumes) {
    ContainerPlace place = parts.store().place(id, parts.store().isKept(id));
    if (runsOrIsKilled(place, () -> live.find(id, place).isPresent())) {
      live.find(id, place).ifPresent(container -> Endings.end(container, id.shortHex()));
    }
    Endings.awaitRelease(parts.isolation(), place);
    parts.isolation().cleanUp(place);
    if (!withVolumes) {
      volumes.keep(id);
    }
    remove(id, parts.store().names().of(id), Optional.empty());
  }

  private void delete(ContainerRecord record, boolean withVolumes) {
    parts.isolation().cleanUp(lookup.place(record));
    volumes.decide(record, withVolumes);
    remove(record.id(), Optional.of(record.name()), Optional.of(record.imageId()));
    events.tell(record, Action.DESTROY);
  }

  private void remove(ContainerId id, Optional<String> name, Optional<Digest> image) {
    mounts.release(id); // while its record keeps its volumes
    parts
        .images()
        .release(
            image,
            () ->
                parts
                    .store()
                    .remove(
                        id,
                        name,
                        () -> {
                          parts.storage().delete(parts.store().layer(id));
                          volumes.removeListed(id);
                          parts.networks().release(id);
                        }));
  }

  /** From now on others may remove it. */
  void endScope(ContainerId id) {
    LockFile reading = scopes.remove(id);
    if (reading != null) {
      reading.close();
    }
  }

  /** Waits until what is removed at its end is removed. */
  void finish(Duration limit) {
    if (!queue.finishBound(limit)) {
      LOG.warn("containers are left to be removed by the next engine on this root");
    }
  }

  /** Waits for what has ended and is being removed: until then it seems to use its image. */
  void finishEnded() {
    if (!queue.finishEnded(CLEAN_UP)) {
      LOG.warn("the removal of a container that has ended takes very long");
    }
  }

  /** Removes the containers whose scopes nobody has closed, and which have been stopped. */
  void endScopes(Closing closing) {
    for (ContainerId id : scopes.keySet()) {
      if (live.connected(id).filter(container -> !container.gone().isDone()).isPresent()) {
        LOG.warn(
            "container {} has not ended: it is removed by the next engine on this root",
            id.shortHex());
      } else {
        // Its start may be one that cannot be called off, and have the lock.
        closing.step(() -> removeQuietly(id, true, () -> parts.store().lock(id, LAST_PATIENCE)));
      }
      endScope(id);
    }
  }
}
