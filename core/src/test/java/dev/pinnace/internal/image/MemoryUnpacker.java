package dev.pinnace.internal.image;

import dev.pinnace.internal.image.transfer.LayerUnpacker;
import dev.pinnace.spec.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Reads layers and remembers their names, with the rules of a real one. */
public final class MemoryUnpacker implements LayerUnpacker {
  private final Map<Digest, Optional<Digest>> layers = new ConcurrentHashMap<>();
  private volatile Runnable deletion = () -> {};

  @Override
  public boolean has(Digest chainId) {
    return layers.containsKey(chainId);
  }

  @Override
  public Set<Digest> list() {
    return Set.copyOf(layers.keySet());
  }

  @Override
  public void unpack(Digest chainId, Optional<Digest> parent, InputStream tar) throws IOException {
    if (parent.isPresent() && !has(parent.get())) {
      throw new IllegalStateException("the layer below " + chainId + " is not there");
    }
    tar.readAllBytes();
    layers.put(chainId, parent);
  }

  @Override
  public long space(Digest chainId) {
    return 0;
  }

  @Override
  public long removeAll(Set<Digest> chainIds) {
    boolean progress;
    do {
      Set<Optional<Digest>> below = Set.copyOf(layers.values());
      progress =
          layers
              .keySet()
              .removeIf(layer -> chainIds.contains(layer) && !below.contains(Optional.of(layer)));
    } while (progress);
    return 0;
  }

  @Override
  public Vanished vanish(Set<Digest> chainIds) {
    return new Vanished(removeAll(chainIds), deletion);
  }

  /** Has something happen where the files of layers would be deleted. */
  void whenDeleting(Runnable newDeletion) {
    deletion = newDeletion;
  }
}
