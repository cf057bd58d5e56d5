package dev.pinnace.internal.storage;

import dev.pinnace.linux.file.Dir;
import dev.pinnace.spec.Digest;
import dev.pinnace.spi.storage.ContainerLayer;
import dev.pinnace.spi.storage.ContainerLayerOptions;
import dev.pinnace.spi.storage.StorageDriver;
import dev.pinnace.spi.storage.Usage;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What the drivers that keep layers in a {@link LayerStore} have in common: all but how a layer's
 * directory is filled and how a container sees it.
 */
public abstract class LayerStoreDriver implements StorageDriver {
  private final String name;
  private final String tree;
  private final LayerStore store;

  /**
   * @param tree in the directory of a layer, the name of what holds its files
   */
  protected LayerStoreDriver(String name, String tree, LayerStore store) {
    this.name = name;
    this.tree = tree;
    this.store = store;
  }

  /** A container's layer over one top layer, as this driver has it. */
  protected interface Shape {
    /** What is recorded beside driver and top layer. */
    Map<String, String> details(ContainerLayerOptions options);

    /** Puts the driver's files into the new layer, before anybody sees it. */
    void fill(Dir layer);

    /** The layer in {@code directory}, of which {@code record} was written. */
    ContainerLayer in(Path directory, RecordFile record);
  }

  /**
   * How a container over {@code top} is laid out.
   *
   * @throws dev.pinnace.error.NotFoundException if there is no such layer
   */
  protected abstract Shape shape(Optional<Digest> top);

  protected final LayerStore store() {
    return store;
  }

  @Override
  public final String name() {
    return name;
  }

  @Override
  public final boolean contains(Digest chainId) {
    return store.contains(chainId);
  }

  @Override
  public final Set<Digest> layers() {
    return store.layers();
  }

  @Override
  public final Optional<Digest> parent(Digest chainId) {
    return store.parent(chainId);
  }

  /** What else to do at the moment a layer vanishes, of which {@code record} was written. */
  protected void forget(RecordFile record) {}

  @Override
  public final void remove(Digest chainId) {
    store.remove(chainId, this::forget);
  }

  @Override
  public final Runnable vanish(Set<Digest> chainIds) {
    return store.vanish(chainIds, this::forget)::deleteFiles;
  }

  @Override
  public final void removeAll(Set<Digest> chainIds) {
    vanish(chainIds).run();
  }

  @Override
  public final ContainerLayer create(
      Path directory, Optional<Digest> top, ContainerLayerOptions options) {
    Shape shape = shape(top);
    RecordFile record =
        ContainerDirectory.create(
            directory, name, top, shape.details(options), options.sizeLimit(), shape::fill);
    return shape.in(directory, record);
  }

  @Override
  public final ContainerLayer open(Path directory) {
    RecordFile record = ContainerDirectory.read(directory, name);
    return shape(ContainerDirectory.top(record)).in(directory, record);
  }

  @Override
  public final void delete(Path directory) {
    ContainerDirectory.delete(directory);
  }

  /** Counts the layer's own directory: a driver that copies what is below holds that too. */
  @Override
  public final Usage usage(Digest chainId) {
    store.record(chainId);
    return Attempt.to(
        "measure layer " + chainId,
        () -> {
          try (Dir files = store.dir().openDir(chainId.hex() + "/" + tree)) {
            return Trees.usage(files);
          }
        });
  }

  @Override
  public final OptionalLong size(Digest chainId) {
    return store.size(chainId);
  }

  @Override
  public final void sync() {
    store.sync();
  }

  @Override
  public int recover() {
    return store.recover(() -> 0);
  }

  @Override
  public final void close() {
    store.close();
  }
}
