package dev.pinnace.internal.layer;

import dev.pinnace.spec.Change;
import java.util.Optional;
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
  public boolean opaque(String path) {
    return false;
  }

  @Override
  public void file(String path, Found now, Optional<Found> before) {
    put(path, before.isEmpty());
  }

  private void put(String path, boolean isNew) {
    kinds.put(path, isNew ? Change.Kind.ADDED : Change.Kind.CHANGED);
  }

  @Override
  public void deleted(String path) {
    kinds.put(path, Change.Kind.DELETED);
  }
}
