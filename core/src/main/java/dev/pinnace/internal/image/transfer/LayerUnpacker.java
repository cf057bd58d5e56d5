package dev.pinnace.internal.image.transfer;

import dev.pinnace.spec.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** Where layers are unpacked, by chain ID. Implementations are thread-safe. */
public interface LayerUnpacker {
  /** Whether a layer is there, whole. */
  boolean has(Digest chainId);

  /** All layers that are there. */
  Set<Digest> list();

  /**
   * Unpacks a layer. Reads {@code tar} until it answers -1, beyond the archive's end mark too, and
   * publishes the layer only after that: the last read throws when the bytes were not what they
   * should be. After an exception nothing is left.
   *
   * @param parent the layer below, which is there; empty for a bottom layer
   */
  void unpack(Digest chainId, Optional<Digest> parent, InputStream tar) throws IOException;

  /**
   * Whether layers can be filled before those below them are here. Where they cannot, {@link
   * #unpack} is what there is.
   */
  default boolean fillsAhead() {
    return false;
  }

  /**
   * Unpacks a layer as {@link #unpack} does, but for what needs the layers below: it is not there
   * before it is {@linkplain Filled#commit committed}.
   */
  default Filled fill(Digest chainId, Optional<Digest> parent, InputStream tar) throws IOException {
    throw new IllegalStateException("layers are unpacked on their parents here");
  }

  /** Brings to the disk what was filled and committed. */
  default void sync() {}

  /** A layer that waits for those below it. For one thread at a time. */
  interface Filled extends AutoCloseable {
    /**
     * Completes and publishes it: the layer below is there. It need not be on the disk then:
     * whoever fills layers marks them before, and {@linkplain #sync syncs} afterwards.
     */
    void commit();

    /** Removes it unless it was committed. Closing twice does nothing. */
    @Override
    void close();
  }

  /** The length of a layer's files; empty where it is not known. */
  default OptionalLong size(Digest chainId) {
    return OptionalLong.empty();
  }

  /** The space that a layer takes, in bytes; 0 for one that is not there. */
  long space(Digest chainId);

  /**
   * Removes layers, but for those on which one stands that stays; none need be there.
   *
   * @return how many bytes that freed
   */
  long removeAll(Set<Digest> chainIds);

  /** The same, but for the deletion of their files, which is left to the caller. */
  default Vanished vanish(Set<Digest> chainIds) {
    return new Vanished(removeAll(chainIds), () -> {});
  }

  /**
   * Layers that are not there any more.
   *
   * @param bytes the space that they took
   * @param files deletes their files; if that never happens, the next start does it
   */
  record Vanished(long bytes, Runnable files) {}
}
