package dev.pinnace.internal.image;

import dev.pinnace.error.ConflictException;
import dev.pinnace.internal.image.transfer.LayerUnpacker;
import dev.pinnace.spec.Digest;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Set;

/** Removes layers, children before parents: a layer on which another stands is refused. */
final class LayerSweep {
  private LayerSweep() {}

  static void remove(LayerUnpacker unpacker, Set<Digest> unwanted) {
    Set<Digest> left = new HashSet<>(unwanted);
    boolean progress = true;
    while (progress && !left.isEmpty()) {
      progress = false;
      for (Iterator<Digest> each = left.iterator(); each.hasNext(); ) {
        try {
          unpacker.remove(each.next());
          each.remove();
          progress = true;
        } catch (ConflictException standsBelow) {
          // Another layer stands on it: that one goes first, or is needed after all.
        }
      }
    }
  }
}
