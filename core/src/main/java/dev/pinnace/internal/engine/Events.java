package dev.pinnace.internal.engine;

import dev.pinnace.error.CorruptException;
import dev.pinnace.event.Event.Action;
import dev.pinnace.event.EventFilter;
import dev.pinnace.internal.event.EventLog;
import dev.pinnace.internal.event.EventText;
import dev.pinnace.internal.image.StoredImage;
import dev.pinnace.internal.state.ContainerRecord;
import dev.pinnace.internal.state.ContainerStore;
import dev.pinnace.internal.waiting.Waits;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.ImageReference;
import dev.pinnace.spec.ImageRemoval;
import dev.pinnace.spec.Mount;
import dev.pinnace.spec.Signal;
import dev.pinnace.spec.VolumeSpec;
import dev.pinnace.spi.isolation.EventTarget;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells whoever follows the events of the root what this engine does to containers, images and
 * volumes. What cannot be told, on a full disk for instance, is done nevertheless. Thread-safe.
 */
final class Events {
  private static final Logger LOG = LoggerFactory.getLogger(Events.class);

  private final EventLog log;
  private final ContainerStore store;
  private final AtomicBoolean warned = new AtomicBoolean();
  private final Set<EventFollower> followers = ConcurrentHashMap.newKeySet();
  private volatile boolean ended;

  Events(EventLog log, ContainerStore store) {
    this.log = log;
    this.store = store;
  }

  /** What happens from now on, or since; to be closed. */
  EventFollower follow(EventFilter filter) {
    EventFollower follower = EventFollower.of(log, filter, followers::remove);
    followers.add(follower);
    if (ended) { // it may have come too late to be ended with the others
      follower.close();
    }
    return follower;
  }

  /** Whoever follows is at the end: the engine closes. */
  void endFollowing() {
    ended = true;
    followers.forEach(EventFollower::close);
  }

  void tell(ContainerRecord container, Action action) {
    tell(container, action, Map.of());
  }

  void tell(ContainerRecord container, Action action, Map<String, String> details) {
    append(action, container.name(), () -> EventText.of(container, details));
  }

  /**
   * Of an image.
   *
   * @param actor what it is known by, see {@link dev.pinnace.event.Event#actor}
   * @param name one of its names, or what it is known by
   */
  void tellImage(Action action, String actor, String name, Map<String, String> labels) {
    append(action, name, () -> EventText.of(actor, name, name, labels));
  }

  /** The same by its id, and one of its names. */
  void tellImage(Action action, StoredImage image) {
    String id = image.id().toString();
    tellImage(
        action, image, image.names().stream().findFirst().map(ImageReference::familiar).orElse(id));
  }

  /** The same by its id, and what somebody has called it. */
  void tellImage(Action action, StoredImage image, String name) {
    tellImage(action, image.id().toString(), name, image.config().config().labels());
  }

  /** Of a volume. */
  void tellVolume(Action action, String name, Map<String, String> labels) {
    append(action, name, () -> EventText.of(name, name, "", labels));
  }

  /** Of a network. */
  void tellNetwork(Action action, String id, String name, Map<String, String> labels) {
    Map<String, String> details = new LinkedHashMap<>(labels);
    details.put("type", "bridge");
    append(action, name, () -> EventText.of(id, name, "", details));
  }

  /** That a container uses a volume, or does no more. */
  void tellVolumeUse(Action action, VolumeSpec volume, ContainerRecord user, Mount mount) {
    Map<String, String> details = new LinkedHashMap<>();
    details.put("container", user.id().hex());
    if (action == Action.VOLUME_MOUNT) {
      details.put("destination", mount.target());
    }
    details.put("driver", volume.driver());
    if (action == Action.VOLUME_MOUNT) {
      details.put("propagation", "");
      details.put("read/write", Boolean.toString(!mount.readOnly()));
    }
    String name = volume.name().orElseThrow();
    append(action, name, () -> EventText.of(name, name, details));
  }

  /** That a container is connected to a network, or is no more. */
  void tellNetworkUse(Action action, String id, String name, ContainerRecord user) {
    Map<String, String> details = Map.of("container", user.id().hex(), "type", "bridge");
    append(action, name, () -> EventText.of(id, name, details));
  }

  /** What a removal has done. */
  void tellRemoval(ImageRemoval removal, String id) {
    removal.untagged().forEach(name -> tellImage(Action.UNTAG, id, name, Map.of()));
    removal
        .deleted()
        .ifPresent(
            deleted -> tellImage(Action.DELETE, deleted.toString(), deleted.toString(), Map.of()));
  }

  private void append(Action action, String name, Supplier<byte[]> text) {
    try {
      Waits.undisturbed(() -> log.append(action, text.get()));
    } catch (RuntimeException e) {
      if (!warned.getAndSet(true)) {
        LOG.warn("events cannot be told, look after {}: {}", log.directory(), e.getMessage());
      }
      LOG.debug("{} of {} is not told", action, name, e);
    }
  }

  void tellSignal(ContainerRecord container, Signal signal) {
    tell(container, Action.KILL, Map.of("signal", Integer.toString(signal.number())));
  }

  /** What the supervisor of {@code container} tells itself. */
  EventTarget target(ContainerRecord container) {
    return new EventTarget(log.directory(), textOf(container, Map.of()));
  }

  /** What its supervisor tells of the end of an exec. */
  String textOf(ContainerRecord container, Map<String, String> details) {
    return new String(EventText.of(container, details), StandardCharsets.UTF_8);
  }

  void tell(ContainerId id, Action action) {
    tell(id, action, Map.of());
  }

  /** Of one that may be gone already, or cannot be read: then nothing is told. */
  void tell(ContainerId id, Action action, Map<String, String> details) {
    try {
      store.read(id).ifPresent(container -> tell(container, action, details));
    } catch (CorruptException | UncheckedIOException unreadable) {
      LOG.debug("{} of {} is not told", action, id.shortHex(), unreadable);
    }
  }
}
