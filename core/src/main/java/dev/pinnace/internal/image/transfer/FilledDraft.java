package dev.pinnace.internal.image.transfer;

import dev.pinnace.internal.layer.FilledLayer;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.spi.storage.LayerDraft;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A storage driver's draft that holds all of a layer but what the layers below tell. */
final class FilledDraft implements LayerUnpacker.Filled {
  private final LayerDraft draft;
  private final Dir tree;
  private final FilledLayer layer;

  /** Takes ownership of {@code draft} and {@code tree}. */
  FilledDraft(LayerDraft draft, Dir tree, FilledLayer layer) {
    this.draft = draft;
    this.tree = tree;
    this.layer = layer;
  }

  @Override
  public void commit() {
    List<Dir> lowers = new ArrayList<>();
    try {
      for (Path below : draft.below()) {
        lowers.add(Dir.open(below));
      }
      draft.size(layer.complete(lowers).contentBytes());
    } finally {
      lowers.forEach(Dir::close);
    }
    tree.close();
    draft.commitUnsynced();
  }

  @Override
  public void close() {
    tree.close();
    draft.close();
  }
}
