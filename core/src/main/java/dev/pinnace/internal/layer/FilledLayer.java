package dev.pinnace.internal.layer;

import dev.pinnace.error.PinnaceException;
import dev.pinnace.linux.file.Dir;
import java.util.List;
import java.util.function.Supplier;

/**
 * A layer of which everything is in place but the owners, attributes, permissions and times of
 * directories: those that its archive did not list take them from the layers below, which need not
 * have been there until now. Not thread-safe.
 */
public final class FilledLayer {
  private final LayerTree tree;
  private final Supplier<LayerResult> result;

  FilledLayer(LayerTree tree, Supplier<LayerResult> result) {
    this.tree = tree;
    this.result = result;
  }

  /**
   * Completes the directories, once; the target that was filled is still open.
   *
   * @param lowers the layers below, topmost first; they stay the caller's
   * @throws PinnaceException if the file system refuses
   */
  public LayerResult complete(List<Dir> lowers) {
    tree.finish(lowers);
    return result.get();
  }
}
