package dev.pinnace.spi.storage;

import dev.pinnace.error.ConflictException;
import dev.pinnace.error.CorruptException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.spec.Digest;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Keeps layers and container layers. The words and a whole life are in the package's description.
 * Thread-safe; many processes may have one directory open.
 */
public interface StorageDriver extends AutoCloseable {
  /** The provider's name. */
  String name();

  /** Whether a committed layer of that name is here. */
  boolean contains(Digest chainId);

  /** All committed layers. */
  Set<Digest> layers();

  /**
   * The layer below.
   *
   * @return empty for a bottom layer
   * @throws NotFoundException if there is no layer {@code chainId}
   * @throws CorruptException if there is one, and it is damaged
   */
  Optional<Digest> parent(Digest chainId);

  /**
   * Begins a layer. Several threads and processes may prepare the same one: each fills its own
   * draft, the first commit wins and the others' are content with it.
   *
   * @param parent the layer below; empty for a bottom layer
   * @throws NotFoundException if there is no layer {@code parent}
   */
  LayerDraft prepare(Digest chainId, Optional<Digest> parent);

  /**
   * Begins a layer before the one below it is here, so that several can be filled side by side. Its
   * tree is empty at first, with mode 0755; whoever fills it gives the root directory, as any other
   * that the layer's archive does not list, what the layers below have, once they are here. From
   * then on {@link LayerDraft#below} and {@link LayerDraft#commit} may be called.
   *
   * @param parent the layer that will be below; empty for a bottom layer
   * @throws UnsupportedException unless {@link #preparesAhead}
   */
  default LayerDraft prepareAhead(Digest chainId, Optional<Digest> parent) {
    throw new UnsupportedException(
        "a layer whose parent is not here",
        "the storage driver " + name() + " begins each as a copy of its parent",
        "unpack the layers one after the other");
  }

  /** Whether {@link #prepareAhead} works: not where a tree begins as a copy. Default: no. */
  default boolean preparesAhead() {
    return false;
  }

  /**
   * Removes a layer; one that is not there is no error. It vanishes at once, its files soon after.
   * Whether a container uses it is for the caller to know.
   *
   * @throws ConflictException if another layer stands on it
   */
  void remove(Digest chainId);

  /**
   * Removes layers, each after those that stand on it; one on which a layer stands that is to stay,
   * stays too. Otherwise as {@link #remove}, but in time that is linear in the number of layers.
   */
  void removeAll(Set<Digest> chainIds);

  /**
   * As {@link #removeAll}, but for the files of the layers, which may be many: their deletion is
   * left to whoever runs the answer, when nobody waits for it. If that never happens, {@link
   * #recover} deletes them.
   *
   * @return deletes them; by default nothing is left to delete
   */
  default Runnable vanish(Set<Digest> chainIds) {
    removeAll(chainIds);
    return () -> {};
  }

  /**
   * A read-only tree of a layer with everything below it, as a container of it would see it.
   *
   * @throws NotFoundException if there is no layer {@code chainId}
   * @throws UnsupportedException if this process cannot make the view (see {@link SnapshotTree})
   */
  SnapshotTree view(Digest chainId);

  /**
   * Makes the writable layer of a container.
   *
   * @param directory the container's own, which exists; the driver uses only names in it that start
   *     with {@code layer}
   * @param top the image's top layer; empty for a container that starts from nothing
   * @throws NotFoundException if there is no layer {@code top}
   * @throws ConflictException if {@code directory} holds a container layer already
   * @throws UnsupportedException if an option cannot be honoured
   */
  ContainerLayer create(Path directory, Optional<Digest> top, ContainerLayerOptions options);

  /**
   * Finds the writable layer that {@link #create} made, perhaps in another process.
   *
   * @throws NotFoundException if there is none, or a layer below it is gone
   */
  ContainerLayer open(Path directory);

  /**
   * Removes the writable layer from {@code directory}; one that is not there is no error. Trees of
   * it that are still open keep working or fail with ENOENT, file by file.
   */
  void delete(Path directory);

  /**
   * The space that one layer takes and its removal would free: without what is below it, unless the
   * driver keeps a copy of that. Walks its files.
   *
   * @throws NotFoundException if there is no layer {@code chainId}
   */
  Usage usage(Digest chainId);

  /**
   * What {@link LayerDraft#size} said of a layer; empty where that is not known or the layer is not
   * there. Reads no more than a record.
   */
  default OptionalLong size(Digest chainId) {
    return OptionalLong.empty();
  }

  /**
   * Removes what killed processes left: drafts that no living process holds, layers half removed.
   * Safe at any time, beside any other call.
   *
   * @return how many leftovers were removed
   */
  int recover();

  /**
   * Brings to the disk what was {@linkplain LayerDraft#commitUnsynced committed} without waiting
   * for it. By default there is nothing of that kind.
   */
  default void sync() {}

  /** Ends the use. Layers stay; open drafts and trees stay open until they are closed. */
  @Override
  void close();
}
