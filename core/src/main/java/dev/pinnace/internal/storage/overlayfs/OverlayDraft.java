package dev.pinnace.internal.storage.overlayfs;

import dev.pinnace.internal.storage.Attempt;
import dev.pinnace.internal.storage.Draft;
import dev.pinnace.internal.storage.LayerStore;
import dev.pinnace.spec.Digest;
import dev.pinnace.spi.storage.LayerDraft;
import dev.pinnace.spi.storage.Whiteouts;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A lower directory that is being filled. */
final class OverlayDraft implements LayerDraft {
  private final LayerStore store;
  private final ShortLinks links;
  private final Digest chainId;
  private final Optional<Digest> parent;
  private final List<Path> below;
  private final Whiteouts whiteouts;
  private final Draft draft;
  private boolean open = true;

  OverlayDraft(
      LayerStore store,
      ShortLinks links,
      Digest chainId,
      Optional<Digest> parent,
      List<Path> below,
      Whiteouts whiteouts) {
    this.store = store;
    this.links = links;
    this.chainId = chainId;
    this.parent = parent;
    this.below = below;
    this.whiteouts = whiteouts;
    this.draft = store.draft(chainId.shortHex());
    try {
      Attempt.run(
          "prepare layer " + chainId,
          () -> {
            draft.dir().mkdir(OverlayDriver.DIFF, 0755);
            OverlayDriver.likeTop(below, draft.dir(), OverlayDriver.DIFF);
          });
    } catch (RuntimeException | Error failure) {
      close();
      throw failure;
    }
  }

  @Override
  public Digest chainId() {
    return chainId;
  }

  @Override
  public Path tree() {
    return store.path(draft, OverlayDriver.DIFF);
  }

  @Override
  public List<Path> below() {
    return below;
  }

  @Override
  public Whiteouts whiteouts() {
    return whiteouts;
  }

  @Override
  public void commit() {
    if (!open) {
      throw new IllegalStateException("the draft of layer " + chainId + " is closed");
    }
    store.publish(draft, chainId, parent, () -> OverlayDriver.record(links.assign(chainId.hex())));
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
