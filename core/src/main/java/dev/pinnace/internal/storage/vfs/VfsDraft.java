package dev.pinnace.internal.storage.vfs;

import dev.pinnace.internal.storage.Attempt;
import dev.pinnace.internal.storage.Draft;
import dev.pinnace.internal.storage.LayerStore;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.spec.Digest;
import dev.pinnace.spi.storage.LayerDraft;
import dev.pinnace.spi.storage.Whiteouts;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A copy of the parent that is being changed. */
final class VfsDraft implements LayerDraft {
  private final LayerStore store;
  private final Digest chainId;
  private final Optional<Digest> parent;
  private final Draft draft;
  private boolean open = true;

  VfsDraft(LayerStore store, Digest chainId, Optional<Digest> parent) {
    this.store = store;
    this.chainId = chainId;
    this.parent = parent;
    this.draft = store.draft(chainId.shortHex());
    try {
      Attempt.run("prepare layer " + chainId, this::begin);
    } catch (RuntimeException | Error failure) {
      close();
      throw failure;
    }
  }

  private void begin() {
    if (parent.isPresent()) {
      try (Dir base = store.dir().openDir(parent.get().hex())) {
        TreeCopy.copy(base, VfsDriver.TREE, draft.dir(), VfsDriver.TREE);
      }
    } else {
      draft.dir().mkdir(VfsDriver.TREE, 0755);
      draft.dir().chmod(VfsDriver.TREE, 0755);
    }
  }

  @Override
  public Digest chainId() {
    return chainId;
  }

  @Override
  public Path tree() {
    return store.path(draft, VfsDriver.TREE);
  }

  @Override
  public List<Path> below() {
    return List.of();
  }

  @Override
  public Whiteouts whiteouts() {
    return Whiteouts.REMOVE;
  }

  @Override
  public void commit() {
    if (!open) {
      throw new IllegalStateException("the draft of layer " + chainId + " is closed");
    }
    store.publish(draft, chainId, parent, Map::of);
    open = false;
  }

  @Override
  public void close() {
    if (open) {
      open = false;
      Attempt.run("remove the draft of layer " + chainId, draft::close);
    }
  }
}
