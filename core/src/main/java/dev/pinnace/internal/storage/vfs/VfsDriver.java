package dev.pinnace.internal.storage.vfs;

import dev.pinnace.error.UnsupportedException;
import dev.pinnace.internal.storage.Attempt;
import dev.pinnace.internal.storage.ContainerDirectory;
import dev.pinnace.internal.storage.LayerStore;
import dev.pinnace.internal.storage.OpenTree;
import dev.pinnace.internal.storage.RecordFile;
import dev.pinnace.internal.storage.Trees;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.spec.Digest;
import dev.pinnace.spi.storage.ContainerLayer;
import dev.pinnace.spi.storage.ContainerLayerOptions;
import dev.pinnace.spi.storage.LayerDraft;
import dev.pinnace.spi.storage.SnapshotTree;
import dev.pinnace.spi.storage.StorageDriver;
import dev.pinnace.spi.storage.StorageOptions;
import dev.pinnace.spi.storage.Usage;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Layers as full copies. */
final class VfsDriver implements StorageDriver {
  static final String TREE = "tree";
  static final String ROOT = "root";

  private final LayerStore store;

  VfsDriver(Path path, StorageOptions options) {
    this.store = LayerStore.open(path, options.syncOnCommit());
  }

  @Override
  public String name() {
    return VfsProvider.NAME;
  }

  @Override
  public boolean contains(Digest chainId) {
    return store.contains(chainId);
  }

  @Override
  public Set<Digest> layers() {
    return store.layers();
  }

  @Override
  public Optional<Digest> parent(Digest chainId) {
    return store.parent(chainId);
  }

  @Override
  public LayerDraft prepare(Digest chainId, Optional<Digest> parent) {
    parent.ifPresent(store::record);
    return new VfsDraft(store, chainId, parent);
  }

  @Override
  public void remove(Digest chainId) {
    store.remove(chainId, record -> {});
  }

  @Override
  public SnapshotTree view(Digest chainId) {
    store.record(chainId);
    return Attempt.to(
        "look into layer " + chainId, () -> OpenTree.readOnly(store.path(chainId, TREE)));
  }

  @Override
  public ContainerLayer create(
      Path directory, Optional<Digest> top, ContainerLayerOptions options) {
    if (options.sizeLimit().isPresent()) {
      throw new UnsupportedException(
          "a size limit on a container's files",
          "the storage driver " + name() + " has no quota",
          "put the engine's root on a file system of that size, or create without the limit");
    }
    top.ifPresent(store::record);
    ContainerDirectory.create(
        directory,
        name(),
        top,
        Map.of(),
        layer -> {
          if (top.isPresent()) {
            try (Dir base = store.dir().openDir(top.get().hex())) {
              TreeCopy.copy(base, TREE, layer, ROOT);
            }
          } else {
            layer.mkdir(ROOT, 0755);
            layer.chmod(ROOT, 0755);
          }
        });
    return open(directory);
  }

  @Override
  public ContainerLayer open(Path directory) {
    RecordFile record = ContainerDirectory.read(directory, name());
    Optional<Digest> top = ContainerDirectory.top(record);
    top.ifPresent(store::record);
    return new VfsContainerLayer(
        directory,
        top,
        ContainerDirectory.path(directory, ROOT),
        top.map(chainId -> store.path(chainId, TREE)));
  }

  @Override
  public void delete(Path directory) {
    ContainerDirectory.delete(directory);
  }

  /** A layer's tree is a copy of its own, so all of it counts. */
  @Override
  public Usage usage(Digest chainId) {
    store.record(chainId);
    return Attempt.to(
        "measure layer " + chainId,
        () -> {
          try (Dir tree = store.dir().openDir(chainId.hex() + "/" + TREE)) {
            return Trees.usage(tree);
          }
        });
  }

  @Override
  public int recover() {
    return store.recover(() -> 0);
  }

  @Override
  public void close() {
    store.close();
  }
}
