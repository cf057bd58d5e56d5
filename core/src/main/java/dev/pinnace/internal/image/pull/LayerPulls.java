package dev.pinnace.internal.image.pull;

import dev.pinnace.error.CorruptException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.internal.image.transfer.ImageImporter;
import dev.pinnace.internal.image.transfer.LayerIngest;
import dev.pinnace.internal.image.transfer.SideBySide;
import dev.pinnace.oci.Descriptor;
import dev.pinnace.spec.Digest;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;

/**
 * Brings in the layers of an image, a few at a time, and commits them from the bottom up. When one
 * fails or the thread is interrupted, all end, and what is left is partial blobs.
 */
final class LayerPulls implements ImageImporter.Layers {
  private final LayerPull.Context context;
  private final LayerIngest ingest;
  private final ProgressBoard board;
  private final String origin;
  private final int atATime;

  /**
   * @param origin where the layers come from, for messages
   * @param atATime how many layers are under way at most
   */
  LayerPulls(
      LayerPull.Context context,
      LayerIngest ingest,
      ProgressBoard board,
      String origin,
      int atATime) {
    this.context = context;
    this.ingest = ingest;
    this.board = board;
    this.origin = origin;
    this.atATime = atATime;
  }

  /**
   * What may have to be published, beside {@code documents}: of a layer of which something lacks,
   * blob and files alike, because what is here may turn out to be damaged. Pins all layers first.
   */
  Set<Digest> missing(
      Set<Digest> documents, List<Descriptor> layers, List<LayerIngest.Place> places)
      throws IOException {
    Set<Digest> missing = new HashSet<>(documents);
    for (int i = 0; i < layers.size(); i++) {
      if (!ingest.has(layers.get(i), places.get(i).chainId())) {
        missing.add(layers.get(i).digest());
        missing.add(places.get(i).chainId());
      }
    }
    return missing;
  }

  @Override
  public void take(List<Descriptor> layers, List<LayerIngest.Place> places) throws IOException {
    List<LayerPull> pulls = new ArrayList<>();
    List<Integer> missing = new ArrayList<>();
    for (int i = 0; i < layers.size(); i++) {
      Descriptor layer = layers.get(i);
      boolean here = ingest.has(layer, places.get(i).chainId());
      ProgressBoard.Line line = here ? board.existing(layer) : board.line(layer);
      pulls.add(
          new LayerPull(
              context, layer, places.get(i), "layer " + layer.digest() + " of " + origin, line));
      if (!here) {
        ingest.lease().resumable(layer.digest());
        missing.add(i);
      }
    }
    try {
      fill(pulls, missing);
    } catch (CorruptException | InvalidSpecException | UnsupportedException wrong) {
      for (LayerPull pull : pulls) {
        pull.forget();
      }
      throw wrong;
    }
  }

  private void fill(List<LayerPull> pulls, List<Integer> missing) throws IOException {
    Stack stack = new Stack(pulls, missing);
    try {
      SideBySide.run(
          "receiving " + origin,
          missing,
          atATime,
          context.threads(),
          index -> pulls.get(index).fill(),
          stack::filled);
    } finally {
      pulls.forEach(LayerPull::close);
    }
  }

  /** Commits each layer as soon as all below it are. */
  private static final class Stack {
    private final List<LayerPull> pulls;
    private final Queue<Integer> uncommitted;
    private final Set<Integer> filled = new HashSet<>();

    Stack(List<LayerPull> pulls, List<Integer> missing) {
      this.pulls = pulls;
      this.uncommitted = new ArrayDeque<>(missing);
    }

    void filled(int index) {
      filled.add(index);
      while (!uncommitted.isEmpty() && filled.contains(uncommitted.element())) {
        pulls.get(uncommitted.remove()).commit();
      }
    }
  }
}
