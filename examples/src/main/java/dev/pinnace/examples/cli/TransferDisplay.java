package dev.pinnace.examples.cli;

import dev.pinnace.event.TransferProgress;
import dev.pinnace.event.TransferProgress.Phase;
import dev.pinnace.spec.Digest;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Shows how far the layers of a pull or push are, as Docker does. Thread-safe. */
abstract class TransferDisplay implements Consumer<TransferProgress> {
  private static final long LAST_WORDS = TimeUnit.MILLISECONDS.toNanos(500);

  /** The latest of each layer, in the order in which they came. */
  private final Map<Digest, TransferProgress> latest = new LinkedHashMap<>();

  /** Bars on a terminal, lines elsewhere. */
  static TransferDisplay on(PrintWriter out) {
    return Terminal.ofStandardOutput()
        .<TransferDisplay>map(terminal -> new ProgressBars(out, terminal))
        .orElseGet(() -> new ProgressLines(out));
  }

  @Override
  public final synchronized void accept(TransferProgress progress) {
    TransferProgress before = latest.put(progress.blob(), progress);
    show(latest, progress, before == null || before.phase() != progress.phase());
    notifyAll();
  }

  /**
   * Shows what changed.
   *
   * @param all the latest of each
   * @param changed one of them
   * @param entered whether it has just come to its phase
   */
  abstract void show(Map<Digest, TransferProgress> all, TransferProgress changed, boolean entered);

  /**
   * After the transfer: waits a moment for what the listener was not told yet.
   *
   * @param layers how many there are
   */
  final synchronized void finish(long layers) {
    long end = System.nanoTime() + LAST_WORDS;
    try {
      while (latest.size() < layers || !latest.values().stream().allMatch(TransferDisplay::ended)) {
        long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        if (left <= 0) {
          return;
        }
        wait(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  static boolean ended(TransferProgress progress) {
    return switch (progress.phase()) {
      case DONE, EXISTS, MOUNTED -> true;
      default -> false;
    };
  }

  /** What Docker calls it; {@code pushed} tells which of two words for the end is right. */
  static String word(Phase phase, boolean pushed) {
    return switch (phase) {
      case WAITING -> pushed ? "Waiting" : "Pulling fs layer";
      case EXISTS -> pushed ? "Layer already exists" : "Already exists";
      case MOUNTED -> "Mounted from another repository";
      case DOWNLOADING -> "Downloading";
      case UNPACKING -> "Extracting";
      case UPLOADING -> "Pushing";
      case DONE -> pushed ? "Pushed" : "Pull complete";
    };
  }
}
