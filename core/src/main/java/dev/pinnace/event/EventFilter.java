package dev.pinnace.event;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.event.Event.Action;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.ImageReference;
import dev.pinnace.spec.LabelCondition;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Which events to see. Of several actions, containers or images any will do; otherwise all
 * conditions must hold. Immutable.
 *
 * @param since the earliest; empty for what happens from now on
 * @param until the end of it all; empty for none
 * @param types things of any of these kinds; empty for every one
 * @param actions any of these; empty for every one
 * @param containers names, ids and beginnings of ids, any of these; empty for every one
 * @param images those of containers as their users named them, and images themselves, any of these,
 *     without tag of every tag; empty for every one
 * @param labels each is met
 */
public record EventFilter(
    Optional<Instant> since,
    Optional<Instant> until,
    Set<Event.Type> types,
    Set<Action> actions,
    List<String> containers,
    List<String> images,
    List<LabelCondition> labels) {
  public EventFilter {
    Objects.requireNonNull(since, "since");
    Objects.requireNonNull(until, "until");
    types = Set.copyOf(types);
    actions = Set.copyOf(actions);
    containers = List.copyOf(containers);
    images = List.copyOf(images);
    labels = List.copyOf(labels);
  }

  /** Every event from now on. */
  public static EventFilter all() {
    return new EventFilter(
        Optional.empty(), Optional.empty(), Set.of(), Set.of(), List.of(), List.of(), List.of());
  }

  /**
   * Also what happened before now, as far as the history goes: it keeps about the last thousand
   * containers' lives, or a megabyte.
   */
  public EventFilter since(Instant moment) {
    Objects.requireNonNull(moment, "moment");
    return new EventFilter(Optional.of(moment), until, types, actions, containers, images, labels);
  }

  /** Nothing after that moment: whoever follows is at the end then. */
  public EventFilter until(Instant moment) {
    Objects.requireNonNull(moment, "moment");
    return new EventFilter(since, Optional.of(moment), types, actions, containers, images, labels);
  }

  /** What happens to things of that kind, and of others that were asked for. */
  public EventFilter type(Event.Type type) {
    Objects.requireNonNull(type, "type");
    Set<Event.Type> more = new HashSet<>(types);
    more.add(type);
    return new EventFilter(since, until, more, actions, containers, images, labels);
  }

  /** That action, and others that were asked for. */
  public EventFilter action(Action action) {
    Objects.requireNonNull(action, "action");
    Set<Action> more = new HashSet<>(actions);
    more.add(action);
    return new EventFilter(since, until, types, more, containers, images, labels);
  }

  /** That container, and others that were asked for. */
  public EventFilter container(ContainerId id) {
    Objects.requireNonNull(id, "id");
    return container(id.hex());
  }

  /**
   * Containers of that name, or whose id begins so, and others that were asked for.
   *
   * @throws InvalidSpecException if it is empty
   */
  public EventFilter container(String nameOrId) {
    Objects.requireNonNull(nameOrId, "nameOrId");
    if (nameOrId.isEmpty()) {
      throw new InvalidSpecException("the events of no container: give a name or an id");
    }
    return new EventFilter(
        since, until, types, actions, with(containers, nameOrId), images, labels);
  }

  /** That image, containers that were made of it, and those of others that were asked for. */
  public EventFilter image(String reference) {
    Objects.requireNonNull(reference, "reference");
    return new EventFilter(
        since, until, types, actions, containers, with(images, reference), labels);
  }

  /** Containers with the label; {@code value} is empty for any value of it. */
  public EventFilter label(String key, String value) {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(value, "value");
    return new EventFilter(
        since,
        until,
        types,
        actions,
        containers,
        images,
        with(labels, LabelCondition.of(key, value)));
  }

  private static <T> List<T> with(List<T> before, T one) {
    List<T> more = new ArrayList<>(before);
    more.add(one);
    return more;
  }

  /** Whether {@code event} fulfils every condition. */
  public boolean matches(Event event) {
    Objects.requireNonNull(event, "event");
    return !since.map(event.time()::isBefore).orElse(false)
        && !until.map(event.time()::isAfter).orElse(false)
        && (types.isEmpty() || types.contains(event.type()))
        && (actions.isEmpty() || actions.contains(event.action()))
        && (containers.isEmpty() || containers.stream().anyMatch(c -> isCalled(event, c)))
        && (images.isEmpty() || images.stream().anyMatch(image -> isOf(event, image)))
        && labels.stream().allMatch(label -> label.isMetBy(event.labels()));
  }

  private static boolean isCalled(Event event, String nameOrId) {
    if (event.type() != Event.Type.CONTAINER) {
      return false;
    }
    return event.name().equals(nameOrId)
        || nameOrId.equals(event.details().get("oldName"))
        || event.actor().startsWith(nameOrId);
  }

  /** A name without tag and digest is that of all its tags, as with Docker. */
  private static boolean isOf(Event event, String image) {
    if (event.image().equals(image)
        || (event.type() == Event.Type.IMAGE && event.actor().equals(image))) {
      return true;
    }
    Optional<ImageReference> wanted = reference(image);
    Optional<ImageReference> used = reference(event.image());
    if (wanted.isEmpty() || used.isEmpty()) {
      return false; // an id of an image is no reference
    }
    boolean any = wanted.get().tag().isEmpty() && wanted.get().digest().isEmpty();
    return any
        ? used.get().repository().equals(wanted.get().repository())
        : used.get().withDefaultTag().equals(wanted.get().withDefaultTag());
  }

  private static Optional<ImageReference> reference(String image) {
    try {
      return Optional.of(ImageReference.parse(image));
    } catch (InvalidSpecException noReference) {
      return Optional.empty();
    }
  }
}
