package dev.pinnace.examples.cli;

import dev.pinnace.event.TransferProgress;
import dev.pinnace.event.TransferProgress.Phase;
import dev.pinnace.spec.Digest;
import java.io.PrintWriter;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Shows how far the layers of a pull or push are, as Docker does. Thread-safe. */
abstract class TransferDisplay implements Consumer<TransferProgress> {
  private static final long LAST_WORDS = TimeUnit.MILLISECONDS.toNanos(500);

  /** The latest of each layer, in the order in which they came. */
  private final Map<Digest, TransferProgress> latest = new LinkedHashMap<>();

  private final Set<Digest> hidden = new HashSet<>();
  private final Map<Digest, Long> done = new HashMap<>();

  /** Bars on a terminal, lines elsewhere; {@code out} is that descriptor of this process. */
  static TransferDisplay on(int descriptor, PrintWriter out) {
    return of(descriptor, out, false);
  }

  /** The same in the words of a push. */
  static TransferDisplay ofPush(PrintWriter out) {
    return of(1, out, true);
  }

  private static TransferDisplay of(int descriptor, PrintWriter out, boolean push) {
    return Terminal.of(descriptor)
        .<TransferDisplay>map(terminal -> new ProgressBars(out, terminal, push))
        .orElseGet(() -> new ProgressLines(out, push));
  }

  /** Shows nothing of these, which are no layers. */
  final synchronized void hide(Set<Digest> documents) {
    hidden.addAll(documents);
  }

  @Override
  public final synchronized void accept(TransferProgress progress) {
    if (ended(progress)) {
      done.put(progress.blob(), progress.total());
    }
    if (hidden.contains(progress.blob())) {
      notifyAll();
      return;
    }
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

  /**
   * After a push: waits a moment for the last of it.
   *
   * @return the length of {@code document}, if it was told
   */
  final synchronized OptionalLong finish(Digest document) {
    long end = System.nanoTime() + LAST_WORDS;
    try {
      while (!done.containsKey(document)
          || !latest.values().stream().allMatch(TransferDisplay::ended)) {
        long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        if (left <= 0) {
          break;
        }
        wait(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Long size = done.get(document);
    return size == null ? OptionalLong.empty() : OptionalLong.of(size);
  }

  static boolean ended(TransferProgress progress) {
    return switch (progress.phase()) {
      case DONE, EXISTS, SKIPPED, MOUNTED -> true;
      default -> false;
    };
  }

  /** What Docker calls it; {@code pushed} tells which of two words for the end is right. */
  static String word(Phase phase, boolean pushed) {
    return switch (phase) {
      case WAITING -> pushed ? "Preparing" : "Pulling fs layer";
      case EXISTS -> pushed ? "Layer already exists" : "Already exists";
      case SKIPPED -> "Skipped foreign layer";
      case MOUNTED -> "Mounted from another repository";
      case DOWNLOADING -> "Downloading";
      case UNPACKING -> "Extracting";
      case UPLOADING -> "Pushing";
      case DONE -> pushed ? "Pushed" : "Pull complete";
    };
  }
}
