package dev.pinnace.event;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.event.Event.Action;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.ImageReference;
import dev.pinnace.spec.LabelCondition;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Which events to see. Of several actions, or things of one kind, any will do; otherwise all
 * conditions must hold. Immutable.
 *
 * @param since the earliest; empty for what happens from now on
 * @param until the end of it all; empty for none
 * @param types things of any of these kinds; empty for every one
 * @param actions any of these; empty for every one
 * @param things what they are called, any of these for its kind: containers by names, ids and
 *     beginnings of ids; images as their users named them, without tag of every tag, and containers
 *     of these; volumes by names; networks by names, ids and beginnings of ids. What has no entry
 *     is not asked for
 * @param labels each is met
 */
public record EventFilter(
    Optional<Instant> since,
    Optional<Instant> until,
    Set<Event.Type> types,
    Set<Action> actions,
    Map<Event.Type, List<String>> things,
    List<LabelCondition> labels) {
  public EventFilter {
    Objects.requireNonNull(since, "since");
    Objects.requireNonNull(until, "until");
    types = Set.copyOf(types);
    actions = Set.copyOf(actions);
    Map<Event.Type, List<String>> copied = new EnumMap<>(Event.Type.class);
    things.forEach((type, names) -> copied.put(type, List.copyOf(names)));
    things = Map.copyOf(copied);
    labels = List.copyOf(labels);
  }

  /** Every event from now on. */
  public static EventFilter all() {
    return new EventFilter(
        Optional.empty(), Optional.empty(), Set.of(), Set.of(), Map.of(), List.of());
  }

  /**
   * Also what happened before now, as far as the history goes: it keeps about the last thousand
   * containers' lives, or a megabyte.
   */
  public EventFilter since(Instant moment) {
    Objects.requireNonNull(moment, "moment");
    return new EventFilter(Optional.of(moment), until, types, actions, things, labels);
  }

  /** Nothing after that moment: whoever follows is at the end then. */
  public EventFilter until(Instant moment) {
    Objects.requireNonNull(moment, "moment");
    return new EventFilter(since, Optional.of(moment), types, actions, things, labels);
  }

  /** What happens to things of that kind, and of others that were asked for. */
  public EventFilter type(Event.Type type) {
    Objects.requireNonNull(type, "type");
    Set<Event.Type> more = new HashSet<>(types);
    more.add(type);
    return new EventFilter(since, until, more, actions, things, labels);
  }

  /** That action, and others that were asked for. */
  public EventFilter action(Action action) {
    Objects.requireNonNull(action, "action");
    Set<Action> more = new HashSet<>(actions);
    more.add(action);
    return new EventFilter(since, until, types, more, things, labels);
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
    return thing(Event.Type.CONTAINER, Objects.requireNonNull(nameOrId, "nameOrId"));
  }

  /**
   * That image, containers that were made of it, and those of others that were asked for.
   *
   * @throws InvalidSpecException if it is empty
   */
  public EventFilter image(String reference) {
    return thing(Event.Type.IMAGE, Objects.requireNonNull(reference, "reference"));
  }

  /**
   * The volume of that name, and others that were asked for.
   *
   * @throws InvalidSpecException if it is empty
   */
  public EventFilter volume(String name) {
    return thing(Event.Type.VOLUME, Objects.requireNonNull(name, "name"));
  }

  /**
   * Networks of that name, or whose id begins so, and others that were asked for.
   *
   * @throws InvalidSpecException if it is empty
   */
  public EventFilter network(String nameOrId) {
    return thing(Event.Type.NETWORK, Objects.requireNonNull(nameOrId, "nameOrId"));
  }

  private EventFilter thing(Event.Type type, String name) {
    if (name.isEmpty()) {
      throw new InvalidSpecException(
          "the events of no " + type.word() + ": give a name, or an id if it has one");
    }
    Map<Event.Type, List<String>> more = new HashMap<>(things);
    more.merge(type, List.of(name), EventFilter::joined);
    return new EventFilter(since, until, types, actions, more, labels);
  }

  /** Containers with the label; {@code value} is empty for any value of it. */
  public EventFilter label(String key, String value) {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(value, "value");
    List<LabelCondition> more = joined(labels, List.of(LabelCondition.of(key, value)));
    return new EventFilter(since, until, types, actions, things, more);
  }

  private static <T> List<T> joined(List<T> before, List<T> more) {
    List<T> all = new ArrayList<>(before);
    all.addAll(more);
    return all;
  }

  /** Whether {@code event} fulfils every condition. */
  public boolean matches(Event event) {
    Objects.requireNonNull(event, "event");
    return !since.map(event.time()::isBefore).orElse(false)
        && !until.map(event.time()::isAfter).orElse(false)
        && (types.isEmpty() || types.contains(event.type()))
        && (actions.isEmpty() || actions.contains(event.action()))
        && things.entrySet().stream()
            .allMatch(e -> e.getValue().stream().anyMatch(name -> isOf(event, e.getKey(), name)))
        && labels.stream().allMatch(label -> label.isMetBy(event.labels()));
  }

  private static boolean isOf(Event event, Event.Type type, String name) {
    return type == Event.Type.IMAGE
        ? isOfImage(event, name)
        : event.type() == type && isCalled(event, name);
  }

  private static boolean isCalled(Event event, String word) {
    return event.name().equals(word)
        || word.equals(event.details().get("oldName"))
        || (event.type() != Event.Type.VOLUME && event.actor().startsWith(word));
  }

  /** A name without tag and digest is that of all its tags, as with Docker. */
  private static boolean isOfImage(Event event, String image) {
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
