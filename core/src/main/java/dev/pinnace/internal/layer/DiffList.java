package dev.pinnace.internal.layer;

import dev.pinnace.spec.Change;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Collects changes by path. For one thread. */
final class DiffList implements DiffSink {
  private final SortedMap<String, Change.Kind> kinds = new TreeMap<>();

  Stream<Change> changes() {
    return kinds.entrySet().stream().map(c -> new Change(c.getValue(), "/" + c.getKey()));
  }

  @Override
  public boolean takes(String path) {
    return true;
  }

  @Override
  public void root(Found now) {
    kinds.put("", Change.Kind.CHANGED);
  }

  @Override
  public void directory(String path, Found now, boolean isNew) {
    put(path, isNew);
  }

  @Override
  public void opaque(String path, Set<String> hidden) {
    hidden.forEach(name -> kinds.put(path + "/" + name, Change.Kind.DELETED));
  }

  @Override
  public void file(String path, Found now, Optional<Found> before) {
    put(path, before.isEmpty());
  }

  /** What was hidden with all that was in its directory, and has come again, is no deletion. */
  private void put(String path, boolean isNew) {
    boolean again = kinds.containsKey(path);
    kinds.put(path, isNew && !again ? Change.Kind.ADDED : Change.Kind.CHANGED);
  }

  @Override
  public void deleted(String path) {
    kinds.put(path, Change.Kind.DELETED);
  }
}
