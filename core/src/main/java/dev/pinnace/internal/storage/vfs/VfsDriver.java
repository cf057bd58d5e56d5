package dev.pinnace.internal.storage.vfs;

import dev.pinnace.internal.storage.Attempt;
import dev.pinnace.internal.storage.ContainerDirectory;
import dev.pinnace.internal.storage.LayerStore;
import dev.pinnace.internal.storage.LayerStoreDriver;
import dev.pinnace.internal.storage.OpenTree;
import dev.pinnace.internal.storage.RecordFile;
import dev.pinnace.internal.storage.StoredDraft;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.spec.Digest;
import dev.pinnace.spi.storage.ContainerLayer;
import dev.pinnace.spi.storage.ContainerLayerOptions;
import dev.pinnace.spi.storage.LayerDraft;
import dev.pinnace.spi.storage.SnapshotTree;
import dev.pinnace.spi.storage.StorageOptions;
import dev.pinnace.spi.storage.Whiteouts;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Layers as full copies. */
final class VfsDriver extends LayerStoreDriver {
  private static final String TREE = "tree";
  private static final String ROOT = "root";

  VfsDriver(Path path, StorageOptions options) {
    super(VfsProvider.NAME, TREE, LayerStore.open(path, TREE, options.syncOnCommit()));
  }

  /** The parent is copied first, and then changed. */
  @Override
  public LayerDraft prepare(Digest chainId, Optional<Digest> parent) {
    parent.ifPresent(store()::record);
    return StoredDraft.begin(
        store(),
        chainId,
        parent,
        new StoredDraft.Form(
            TREE, List::of, Whiteouts.REMOVE, draft -> copy(parent, draft, TREE), Map::of));
  }

  /** A copy of a layer's files, or an empty directory. */
  private void copy(Optional<Digest> layer, Dir into, String name) {
    if (layer.isPresent()) {
      try (Dir base = store().dir().openDir(layer.get().hex())) {
        TreeCopy.copy(base, TREE, into, name);
      }
    } else {
      into.mkdir(name, 0755);
      into.chmod(name, 0755);
    }
  }

  @Override
  public SnapshotTree view(Digest chainId) {
    store().record(chainId);
    return Attempt.to(
        "look into layer " + chainId, () -> OpenTree.readOnly(store().path(chainId, TREE)));
  }

  @Override
  protected Shape shape(Optional<Digest> top) {
    top.ifPresent(store()::record);
    return new Copy(top);
  }

  private final class Copy implements Shape {
    private final Optional<Digest> top;

    Copy(Optional<Digest> top) {
      this.top = top;
    }

    @Override
    public Map<String, String> details(ContainerLayerOptions options) {
      return Map.of();
    }

    @Override
    public void fill(Dir layer) {
      copy(top, layer, ROOT);
    }

    @Override
    public ContainerLayer in(Path directory, RecordFile record) {
      return new VfsContainerLayer(
          directory,
          top,
          ContainerDirectory.path(directory, ROOT),
          top.map(chainId -> store().path(chainId, TREE)));
    }
  }
}
