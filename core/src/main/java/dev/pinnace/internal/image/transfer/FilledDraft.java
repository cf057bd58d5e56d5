package dev.pinnace.internal.image.transfer;

import dev.pinnace.internal.layer.FilledLayer;
import dev.pinnace.internal.layer.LayerResult;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.spec.Digest;
import dev.pinnace.spi.storage.LayerDraft;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A storage driver's draft that holds all of a layer but what the layers below tell. */
final class FilledDraft implements LayerUnpacker.Filled {
  private final Digest chainId;
  private final LayerDraft draft;
  private final Dir tree;
  private final FilledLayer layer;

  /** Takes ownership of {@code draft} and {@code tree}. */
  FilledDraft(Digest chainId, LayerDraft draft, Dir tree, FilledLayer layer) {
    this.chainId = chainId;
    this.draft = draft;
    this.tree = tree;
    this.layer = layer;
  }

  @Override
  public void commit() {
    List<Dir> lowers = new ArrayList<>();
    LayerResult result;
    try {
      for (Path below : draft.below()) {
        lowers.add(Dir.open(below));
      }
      result = layer.complete(lowers);
      draft.size(result.contentBytes());
    } finally {
      lowers.forEach(Dir::close);
    }
    tree.close();
    draft.commitUnsynced();
    LayerLosses.warn(chainId, result);
  }

  @Override
  public void close() {
    tree.close();
    draft.close();
  }
}
