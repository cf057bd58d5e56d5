package dev.pinnace.internal.event;

import dev.pinnace.event.Event;
import dev.pinnace.event.Event.Action;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.Fcntl;
import dev.pinnace.spec.ContainerId;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntPredicate;

/**
 * Reads the events of a root, from the oldest that is kept on. A file that a newer one has followed
 * is read as long as it is there: a writer may have opened it just before. For one thread at a
 * time.
 */
public final class EventReader implements AutoCloseable {
  private static final int READING = Fcntl.O_RDONLY | Fcntl.O_NOFOLLOW | Fcntl.O_CLOEXEC;
  private static final Map<Integer, Action> ACTIONS = new HashMap<>();

  static {
    Arrays.stream(Action.values()).forEach(action -> ACTIONS.put(action.number(), action));
  }

  /** What supervisors tell, and engines from memory: the name is the one of an earlier time. */
  private static final Set<Action> REMEMBERED =
      EnumSet.of(
          Action.START,
          Action.DIE,
          Action.OOM,
          Action.EXEC_START,
          Action.EXEC_DIE,
          Action.ATTACH,
          Action.DETACH,
          Action.HEALTH_STATUS);

  private static final int RENAME = Action.RENAME.number();
  private static final int DESTROY = Action.DESTROY.number();

  private final Dir directory;
  private final byte[] piece = new byte[64 * 1024];
  private final NavigableMap<Long, EventFrames> open = new TreeMap<>();

  /** The names that containers have had since, unless they are removed. */
  private final Map<ContainerId, String> renamed = new HashMap<>();

  private long newest;

  EventReader(Path directory) {
    this.directory = Dir.open(directory);
  }

  /** Those that have been told since the last call, in their order. */
  public List<Event> more() {
    return more(ACTIONS::containsKey);
  }

  /** Passes over those that have been told. */
  public void skip() {
    List<Event> unused = more(action -> action == RENAME || action == DESTROY);
  }

  private List<Event> more(IntPredicate wanted) {
    NavigableSet<Long> there = EventLog.numbers(directory.list());
    for (long number : there.tailSet(newest, false)) {
      open(number).ifPresent(frames -> open.put(number, frames));
      newest = number;
    }
    List<EventFrames.Frame> frames = new ArrayList<>();
    open.values().forEach(file -> frames.addAll(file.more(piece, wanted)));
    // Who wrote last into a file may have done so while the next one was read.
    open.headMap(newest, false).values().forEach(file -> frames.addAll(file.more(piece, wanted)));
    closeAllBut(there);
    frames.sort(Comparator.comparing(EventFrames.Frame::time));
    List<Event> events = new ArrayList<>();
    frames.forEach(frame -> event(frame).ifPresent(events::add));
    return events;
  }

  private void closeAllBut(NavigableSet<Long> there) {
    for (Long gone : new TreeSet<>(open.keySet())) {
      if (!there.contains(gone)) {
        EventFrames file = open.remove(gone);
        if (file != null) {
          file.close();
        }
      }
    }
  }

  private Optional<EventFrames> open(long number) {
    try {
      return Optional.of(new EventFrames(directory.open(Long.toString(number), READING, 0)));
    } catch (ErrnoException e) {
      if (e.is(Errno.ENOENT)) { // removed meanwhile
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Empty for what is damaged. */
  private Optional<Event> event(EventFrames.Frame frame) {
    Action action = ACTIONS.get(frame.action());
    EventText text = frame.text();
    if (action == null) {
      return Optional.empty();
    }
    if (action.type() != Event.Type.CONTAINER) {
      return Optional.of(event(frame, action, text.name(), text.details()));
    }
    if (!text.id().matches("[0-9a-f]{64}")) {
      return Optional.empty();
    }
    ContainerId id = new ContainerId(text.id());
    Map<String, String> details = new HashMap<>(text.details());
    String name = text.name();
    if (action == Action.RENAME) {
      renamed.put(id, name);
    } else if (REMEMBERED.contains(action)) {
      name = renamed.getOrDefault(id, name);
    } else if (action == Action.DESTROY) {
      renamed.remove(id);
    } else {
      renamed.replace(id, name);
    }
    if (action == Action.DIE) {
      details.put("exitCode", Integer.toString(frame.code()));
      if (frame.signal() != 0) {
        details.put("signal", Integer.toString(frame.signal()));
      }
    }
    if (action == Action.EXEC_DIE) { // an engine's says it in its text
      details.putIfAbsent("exitCode", Integer.toString(frame.code()));
    }
    return Optional.of(event(frame, action, name, details));
  }

  private static Event event(
      EventFrames.Frame frame, Action action, String name, Map<String, String> details) {
    EventText text = frame.text();
    return new Event(frame.time(), action, text.id(), name, text.image(), text.labels(), details);
  }

  @Override
  public void close() {
    closeAllBut(new TreeSet<>());
    directory.close();
  }
}
