package dev.pinnace.examples.cli;

import dev.pinnace.Image;
import dev.pinnace.Pinnace;
import dev.pinnace.PullOptions;
import dev.pinnace.Task;
import dev.pinnace.error.CancelledException;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.ImageReference;
import java.io.PrintWriter;
import java.util.Optional;

/**
 * Pulls images and shows how far that is.
 *
 * @param descriptor which of our streams {@code shown} is
 * @param shown where progress goes
 * @param err where it is said that a registry does not answer, and that a pull was interrupted
 * @param quiet whether nothing is shown but that
 */
record ShownPull(
    Pinnace pinnace, int descriptor, PrintWriter shown, PrintWriter err, boolean quiet) {
  /** Exit code of a pull that was interrupted. */
  static final int INTERRUPTED = 130;

  /** Pulls one image; empty if it was interrupted, which was said. */
  Optional<Image> pull(ImageReference reference, PullOptions options) {
    try (SlowAnswer slow = new SlowAnswer(reference.domain(), err)) {
      if (quiet) {
        return await(pinnace.images().pull(reference, options.withProgress(slow)));
      }
      String which = reference.digest().map(Digest::toString).or(reference::tag).orElse("");
      shown.println(which + ": Pulling from " + reference.path());
      shown.flush();
      TransferDisplay display = TransferDisplay.on(descriptor, shown);
      Optional<Image> pulled =
          await(pinnace.images().pull(reference, options.withProgress(slow.andThen(display))));
      pulled.ifPresent(image -> finish(display, image));
      return pulled;
    }
  }

  private void finish(TransferDisplay display, Image image) {
    display.finish(image.config().diffIds().stream().distinct().count());
    shown.println("Digest: " + image.digest());
  }

  @SuppressWarnings("try") // signals cancel for as long as the block lasts
  private Optional<Image> await(Task<Image> pull) {
    try (SignalProxy signals = SignalProxy.to(signal -> cancel(pull))) {
      return Optional.of(pull.await());
    } catch (CancelledException interrupted) {
      err.println("pinnace: " + interrupted.getMessage() + "; pull again to go on");
      return Optional.empty();
    }
  }

  private static void cancel(Task<Image> pull) {
    boolean unused = pull.cancel();
  }

  /** What Docker says at the end. */
  void status(boolean wasHere, ImageReference reference) {
    if (!quiet) {
      shown.println(
          "Status: "
              + (wasHere ? "Image is up to date for " : "Downloaded newer image for ")
              + reference.familiar());
    }
  }
}
