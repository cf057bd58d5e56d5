package dev.pinnace.spi.storage;

import dev.pinnace.error.ConflictException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.spec.Digest;
import java.nio.file.Path;
import java.util.List;

/**
 * A layer that is being filled; nobody else sees it. Ends with {@link #commit} or, leaving nothing,
 * with {@link #close} alone. One thread at a time.
 */
public interface LayerDraft extends AutoCloseable {
  /** The name it will have. */
  Digest chainId();

  /**
   * The directory to fill. It stands for {@code /} of the image and has the mode, owner and
   * extended attributes of the parent's, or 0755 and root's (the process's own, without root).
   */
  Path tree();

  /**
   * The layers that {@link #tree} does not itself contain, top first: where to look for the
   * attributes of a directory that the layer's archive does not list, or for what a whiteout would
   * hide. Empty where the tree starts as a copy of the parent.
   *
   * @throws NotFoundException if the draft was {@linkplain StorageDriver#prepareAhead prepared
   *     ahead} and the parent is not here yet
   */
  List<Path> below();

  /** How a deletion is written into {@link #tree}. */
  Whiteouts whiteouts();

  /**
   * Has the length of its files recorded for {@link StorageDriver#size}, before {@link #commit}. A
   * driver need not keep it.
   *
   * @param bytes the sum of the lengths that the layer's archive says
   */
  default void size(long bytes) {}

  /**
   * Publishes the layer whole. If somebody else committed the same one meanwhile, theirs stays and
   * this one is discarded: that is success too.
   *
   * @throws ConflictException if the parent was removed meanwhile
   * @throws IllegalStateException after {@code commit} or {@code close}
   */
  void commit();

  /**
   * The same, without waiting until the layer is on the disk. The caller knows how to tell, after a
   * power failure, that it may not be, and {@linkplain StorageDriver#sync syncs} later. By default
   * it is as {@link #commit}.
   */
  default void commitUnsynced() {
    commit();
  }

  /** Removes the draft unless it was committed. Closing twice does nothing. */
  @Override
  void close();
}
