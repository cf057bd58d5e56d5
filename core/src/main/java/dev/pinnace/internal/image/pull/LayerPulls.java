package dev.pinnace.internal.image.pull;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.CorruptException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.internal.image.transfer.ImageImporter;
import dev.pinnace.internal.image.transfer.LayerIngest;
import dev.pinnace.oci.Descriptor;
import dev.pinnace.spec.Digest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

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
    Queue<Integer> waiting = new ConcurrentLinkedQueue<>();
    boolean[] ready = new boolean[layers.size()];
    for (int i = 0; i < layers.size(); i++) {
      Descriptor layer = layers.get(i);
      ready[i] = ingest.has(layer, places.get(i).chainId());
      ProgressBoard.Line line = ready[i] ? board.existing(layer) : board.line(layer);
      pulls.add(
          new LayerPull(
              context, layer, places.get(i), "layer " + layer.digest() + " of " + origin, line));
      if (!ready[i]) {
        ingest.lease().resumable(layer.digest());
        waiting.add(i);
      }
    }
    new Run(pulls, waiting, ready).run();
  }

  private record End(int index, @Nullable Throwable failure) {}

  /** One image. */
  private final class Run {
    private final List<LayerPull> pulls;
    private final Queue<Integer> waiting;
    private final boolean[] ready;
    private final boolean[] here;
    private final BlockingQueue<End> ends = new LinkedBlockingQueue<>();

    Run(List<LayerPull> pulls, Queue<Integer> waiting, boolean[] ready) {
      this.pulls = pulls;
      this.waiting = waiting;
      this.ready = ready;
      this.here = ready.clone();
    }

    void run() throws IOException {
      int missing = waiting.size();
      List<Strand> strands = new ArrayList<>();
      try {
        for (int i = 0; i < Math.min(missing, atATime); i++) {
          strands.add(Strand.start(context.threads(), this::work));
        }
        int committed = 0;
        for (int ended = 0; ended < missing; ended++) {
          End end = ends.take();
          rethrow(end.failure());
          ready[end.index()] = true;
          while (committed < ready.length && ready[committed]) {
            if (!here[committed]) {
              pulls.get(committed).commit();
            }
            committed++;
          }
        }
      } catch (InterruptedException interruption) {
        Thread.currentThread().interrupt();
        throw new CancelledException("interrupted while receiving " + origin, interruption);
      } catch (CorruptException | InvalidSpecException | UnsupportedException wrong) {
        end(strands);
        for (LayerPull pull : pulls) {
          pull.forget();
        }
        throw wrong;
      } finally {
        end(strands);
      }
    }

    private void end(List<Strand> strands) {
      waiting.clear();
      strands.forEach(Strand::interrupt);
      strands.forEach(Strand::join);
      pulls.forEach(LayerPull::close);
    }

    private void work() {
      Integer next;
      while ((next = waiting.poll()) != null) {
        Throwable failure = null;
        try {
          pulls.get(next).fill();
        } catch (IOException | RuntimeException | Error thrown) {
          failure = thrown;
        }
        ends.add(new End(next, failure));
      }
    }
  }

  private static void rethrow(@Nullable Throwable failure) throws IOException {
    if (failure instanceof IOException io) {
      throw io;
    }
    if (failure instanceof RuntimeException unchecked) {
      throw unchecked;
    }
    if (failure instanceof Error error) {
      throw error;
    }
  }
}
